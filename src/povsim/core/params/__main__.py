"""Owns: ``python -m povsim.core.params``, which writes ``params/schema.json`` anew after a record has changed.
Never: anything else."""

from povsim.core.params.schema import write_schema

if __name__ == "__main__":
    print(write_schema())
