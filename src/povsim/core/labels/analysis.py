"""Owns: the words of the room analysis.
Never: knows who uses them."""

from __future__ import annotations

WORDS: dict[str, tuple[str, str]] = {
    "analysis.nothing_to_fit": (
        "没有可拟合的内容：该起始年之后没有上报的年份（或没有不确定参数）",
        "there is nothing to fit: no year is reported after this opening, or no parameter is uncertain",
    ),
    "analysis.exited_households": ("{year} 年脱贫户数", "households that left, {year}"),
    "analysis.exited_persons": ("{year} 年脱贫人数", "persons who left, {year}"),
    "analysis.identified_households": ("至 {year} 年新识别户数", "households identified, to {year}"),
    "analysis.removed_households": ("至 {year} 年清退户数", "households removed, to {year}"),
    "analysis.returned_households": ("至 {year} 年返贫户数", "households returned, to {year}"),
    "analysis.returned_persons": ("至 {year} 年返贫人数", "persons returned, to {year}"),
    "analysis.left_households": ("{year} 年末未脱贫户数", "households still poor at the end of {year}"),
    "analysis.left_persons": ("{year} 年末未脱贫人数", "persons still poor at the end of {year}"),
    "analysis.left_size": ("{year} 年末未脱贫户均人口", "persons per household still poor at the end of {year}"),
}
