"""Owns: the words of the page that a meeting reads, of its print, and of the tables in it.
Never: knows who uses them."""

from __future__ import annotations

WORDS: dict[str, tuple[str, str]] = {
    "pages.title": (
        "{place}：脱贫时限、返贫风险与帮扶成效",
        "{place}: who leaves poverty when, who falls back, what measures buy",
    ),
    "pages.scenario": ("方案：{scenario}", "Scenario: {scenario}"),
    "pages.runs": ("{replicates} 次模拟", "{replicates} replicates"),
    "pages.runs_draws": (
        "{replicates} 次模拟，轮流取 {draws} 组参数",
        "{replicates} replicates, taking turns with {draws} draws of the parameters",
    ),
    "pages.made": ("povsim 运行 {run}，{date}", "povsim run {run}, {date}"),
    "pages.numbers": ("四个数", "Four numbers"),
    "pages.contents": ("目录", "Contents"),
    "pages.card_exits": ("每年脱贫", "who leaves"),
    "pages.card_left": ("最后剩下", "who is left"),
    "pages.card_falls": ("返贫", "who falls back"),
    "pages.card_cost": ("花费", "what it costs"),
    "pages.of_exits": ("{year} 年", "{year}"),
    "pages.of_left": ("{year} 年末未脱贫", "still poor, end of {year}"),
    "pages.of_falls": ("脱贫后 {year} 年内自身收入跌破标准", "own income under the line within {year} years"),
    "pages.of_cost": ("财政资金，平均每年", "public money in an average year"),
    "pages.range": ("{of}，{level} 区间 {low}–{high}", "{of}, {level} interval {low}–{high}"),
    "pages.unit_persons": ("人", "persons"),
    "pages.unit_households": ("户", "households"),
    "pages.unit_share": (" ", " "),
    "pages.unit_yuan": (" ", " "),
    "pages.unit_yuan_year": ("/年", "a year"),
    "pages.unit_yuan_household": ("元/户", "yuan a household"),
    "pages.unit_yuan_household_year": ("元（多一户在线上，每年）", "yuan a year, for a household more above the line"),
    "pages.unit_yuan_person_year": ("元/人·年", "yuan a person and year"),
    "pages.page": ("第 {page} 页，共 {pages} 页", "page {page} of {pages}"),
    "pages.no_browser": (
        "没有找到可用的浏览器（Chromium 131 以上、Chrome 或 Edge），brief.pdf 改由程序直接绘制；可用 POVSIM_BROWSER 指定浏览器。",
        "No usable browser (Chromium 131 or later, Chrome or Edge) was found, so that brief.pdf is drawn by the program itself; "
        "POVSIM_BROWSER names one.",
    ),
    "pages.browser_failed": (
        "浏览器没有打印成功（{error}），brief.pdf 改由程序直接绘制。",
        "The browser did not print ({error}); brief.pdf is drawn by the program itself.",
    ),
}
