"""Owns: time and what happens in it: state, phases, replicates.
Never: reads a file, says what an index means (indicators) or holds a rule of policy (policy)."""
