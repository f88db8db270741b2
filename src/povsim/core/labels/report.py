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
        "区间只含偶然性，不含参数的不确定性",
        "Intervals hold chance alone, not the uncertainty of parameters",
    ),
    "report.plan_by_qualified": ("是否完成计划按限额前达标人数判断", "A plan is met by those who qualify before any cap"),
    "report.source": ("上报数：{source}", "Reported: {source}"),
    "report.made": ("povsim {run} · {date}", "povsim {run} · {date}"),
    "report.dot": ("；", ". "),
    "report.year": ("{year}年", "{year}"),
    "report.persons": ("人", "persons (p)"),
    "report.households": ("户", "households (hh)"),
    "report.count_persons": ("{number} 人", "{number} p"),
    "report.count_households": ("{number} 户", "{number} hh"),
    "report.plan": ("━ 计划人数", "━ plan"),
    "report.qualified": ("限额前达标", "qualify"),
    "report.interval": ("区间", "interval"),
    "report.chance": ("完成可能性", "chance"),
    "report.chance_without_topup": ("不计低保补差", "no top-up"),
    "report.reported": ("已上报（截至 {year} 年末）", "reported (to the end of {year})"),
    "report.projected": ("预计", "projected"),
    "report.parameters_cell": (
        "笔记本须有一个标签为 parameters 的代码单元，其中每行是“名称: 类型 = 值”（类型：str、int、float、bool）",
        "a notebook has one code cell tagged parameters, each line `name: type = value` (str, int, float, bool)",
    ),
    "report.bad_parameters": ("笔记本参数有误，尚未运行：", "Parameters of the notebook are wrong; nothing was run:"),
    "report.known_parameter": ("笔记本没有这个参数", "the notebook has no such parameter"),
    "report.ended_early": ("未运行到最后一个单元", "ended before the last cell"),
    "report.notebook_failed": (
        "笔记本 {notebook} 运行失败：第 {cell} 个代码单元（共 {total} 个）“{line}”：{error}。已运行的部分在 {out}",
        "Notebook {notebook} failed in code cell {cell} of {total} ({line}): {error}. What was run is in {out}",
    ),
    "report.villages": ("行政村 {villages} 个，其中贫困村 {poor} 个", "{villages} villages, {poor} of them poor"),
    "report.farm": ("农业户 {households} 户、{persons} 人", "{households} farm households, {persons} persons"),
    "report.blank": ("—", "—"),
    "report.measure": ("措施", "measure"),
    "report.holders": ("每年享受户 (人) 数", "holders a year"),
    "report.spent": ("每年支出 (万元)", "spent a year (10,000 yuan)"),
    "report.spent_interval": ("90% 区间", "90% interval"),
    "report.village": ("村", "village"),
    "report.poor_households": ("未脱贫户数", "poor households"),
    "report.poor_persons": ("未脱贫人数", "poor persons"),
    "report.incidence": ("贫困发生率", "incidence"),
    "report.at_end": ("{year} 年末{what}", "{what}, end of {year}"),
}
