"""Owns: what a wheel carries beside the code: params/, data/ and notebooks/ as povsim/_data (core.params.data_root finds them).
Never: touches an editable install, which reads the checkout itself and must not keep a stale copy."""

from __future__ import annotations

from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class Data(BuildHookInterface):  # type: ignore[type-arg]
    """Put the checkout's data trees into the package."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Add the trees to a real wheel."""
        if version == "standard":
            build_data["force_include"] |= {tree: f"povsim/_data/{tree}" for tree in ("params", "data", "notebooks")}
