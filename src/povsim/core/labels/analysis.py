"""Owns: the words of the room analysis.
Never: knows who uses them."""

from __future__ import annotations

WORDS: dict[str, tuple[str, str]] = {
    "analysis.no_fit": (
        "此处没有完整的校准结果（povsim calibrate 的输出目录）",
        "holds no whole fit (a folder that povsim calibrate wrote)",
    ),
    "analysis.fit_title": (
        "{place}：拟合与误差",
        "{place}: the fit and its misses",
    ),
    "analysis.fit_about": (
        "自 {opening} 年末起回测；原分布上 {points} 次、可信区内 {near} 次模拟，保留 {draws} 组参数。"
        "方括号为 90% 区间；✗ 为上报数在区间之外。",
        "Back-test from the end of {opening}; {points} runs over the stated distributions and {near} where the sample lies, "
        "{draws} draws kept. Brackets hold 90%; ✗: what was reported lies outside.",
    ),
    "analysis.fit_fitted": (
        "参与拟合",
        "Fitted",
    ),
    "analysis.fit_held_out": (
        "留出未拟合，只作预测",
        "Held out: predicted, not fitted",
    ),
    "analysis.fit_checked": (
        "只作对照",
        "Shown beside",
    ),
    "analysis.fit_target": (
        "指标",
        "number",
    ),
    "analysis.fit_grade": (
        "等级",
        "grade",
    ),
    "analysis.fit_reported": (
        "上报或公布",
        "reported or published",
    ),
    "analysis.fit_prior": (
        "拟合前",
        "before the fit",
    ),
    "analysis.fit_draws": (
        "拟合后",
        "with the draws",
    ),
    "analysis.fit_miss": (
        "误差",
        "miss",
    ),
    "analysis.fit_told": (
        "数据说明了什么（分布收窄 {share} 以上的参数）",
        "What the data tells (parameters whose spread shrank by {share} or more)",
    ),
    "analysis.fit_parameter": (
        "参数",
        "parameter",
    ),
    "analysis.fit_before": (
        "拟合前 90%（× 为默认值的倍数）",
        "90% before (×: times the default)",
    ),
    "analysis.fit_after": (
        "拟合后 90%",
        "90% after",
    ),
    "analysis.fit_share": (
        "收窄",
        "shrank by",
    ),
    "analysis.fit_untold": (
        "其余 {number} 个参数（共 {all} 个）数据几乎没有说明，保持原分布。",
        "Of the other {number} parameters (of {all}) the data says next to nothing: they keep their stated distributions.",
    ),
    "analysis.fit_together": (
        "数据分不开的参数（只知其组合）",
        "What the data can not tell apart (known only together)",
    ),
    "analysis.fit_none": (
        "没有相关系数超过 0.3 的参数对。",
        "No pair is correlated by more than 0.3.",
    ),
    "analysis.nothing_to_fit": (
        "没有可拟合的内容：该起始年之后没有上报的年份（或没有不确定参数）",
        "there is nothing to fit: no year is reported after this opening, or no parameter is uncertain",
    ),
    "analysis.implied": ("{name}（由后一期倒推）", "{name} (implied by the account that follows)"),
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
