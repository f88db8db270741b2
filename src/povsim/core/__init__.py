"""Owns: the ground that every room stands on (schema, parameters, chance, words, errors).
Never: knows a rule, a household table in memory or a phase."""
