"""Owns: the words of the room analysis.
Never: knows who uses them."""

from __future__ import annotations

WORDS: dict[str, tuple[str, str]] = {
    "analysis.uncertain": ("应是本方案的一个不确定参数", "an uncertain parameter of this scenario"),
}
