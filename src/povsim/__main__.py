"""Owns: `python -m povsim`.
Never: anything else (cli)."""

from povsim.cli.main import main

if __name__ == "__main__":
    raise SystemExit(main())
