"""Owns: the kinds that ship, one module each.
Never: lists them; policy.kind finds them."""
