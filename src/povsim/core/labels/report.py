"""Owns: the words of the room report.
Never: knows who uses them."""

from __future__ import annotations

WORDS: dict[str, tuple[str, str]] = {
    "report.glyphs": ("图中有字体画不出的字：", "The chart has characters that no font at hand can draw:"),
    "report.glyph": ("    {characters}（在“{text}”中）", "    {characters} (in: {text})"),
    "report.exits_title": ("{place}：每年脱贫多少人", "{place}: who leaves poverty, by year"),
    "report.left_title": ("{place}：年末还有多少贫困户", "{place}: households still poor at the end of the year"),
    "report.subtitle": (
        "{scenario}，{replicates} 次模拟：中位数与 {level} 区间",
        "{scenario}, {replicates} replicates: median and {level} interval",
    ),
    "report.chance_only": (
        "区间只含偶然性，不含参数的不确定性；完成计划按限额前达标人数判断。",
        "Intervals hold chance alone, not the uncertainty of parameters; a plan is met by those who qualify before any cap.",
    ),
    "report.source": ("上报数：{source}；预计：povsim 运行 {run}", "Reported: {source}; projected: povsim run {run}"),
    "report.dot": ("。", ". "),
    "report.year": ("{year}年", "{year}"),
    "report.persons": ("人", "persons"),
    "report.households": ("户", "households"),
    "report.count_persons": ("{number} 人", "{number} persons"),
    "report.count_households": ("{number} 户", "{number} households"),
    "report.range": ("{low}–{high}", "{low}–{high}"),
    "report.plan": ("━ 计划 {persons} 人", "━ plan {persons}"),
    "report.met": ("完成可能性 {chance}", "chance {chance}"),
    "report.reported": ("已上报（截至 {year} 年末）", "reported (to the end of {year})"),
    "report.projected": ("预计", "projected"),
}
