"""Owns: the words of the room indicators.
Never: knows who uses them."""

from __future__ import annotations

WORDS: dict[str, tuple[str, str]] = {
    "indicators.exits": ("脱贫：{text}。", "Exits: {text}."),
    "indicators.left": ("剩余：{text}。", "Left: {text}."),
    "indicators.falls": ("返贫：{text}。", "Falling back: {text}."),
    "indicators.spending": ("支出：{text}。", "Spending: {text}."),
    "indicators.comma": ("；", "; "),
    "indicators.exited_in_all": (
        "{since} 至 {year} 年合计脱贫 {median} 人次（{low}–{high}）",
        "{since} to {year} together: {median} exits of persons ({low} to {high})",
    ),
    "indicators.exited": ("{year} 年预计脱贫 {median} 人（{low}–{high}）", "{year}: {median} persons leave ({low} to {high})"),
    "indicators.target": ("，计划 {target} 人", ", planned {target}"),
    "indicators.qualified": (
        "不设限额时达标 {median} 人（{low}–{high}）",
        "{median} would qualify without a cap ({low} to {high})",
    ),
    "indicators.met": (
        "，完成计划的可能性：{met}，不靠低保：{plain}",
        ", chance that the plan is met: {met}, without dibao: {plain}",
    ),
    "indicators.few_chance": ("次数太少", "too few runs"),
    "indicators.few": ("模拟次数太少，区间仅供参考。", "Too few replicates: the intervals are only a hint. "),
    "indicators.over": ("{share} 以上", "over {share}"),
    "indicators.under": ("{share} 以下", "under {share}"),
    "indicators.left_households": (
        "{year} 年末预计还有 {median} 户未脱贫（{low}–{high}）",
        "at the end of {year} {median} households are still poor ({low} to {high})",
    ),
    "indicators.left_persons": ("计 {median} 人（{low}–{high}）", "{median} persons ({low} to {high})"),
    "indicators.fell_line": (
        "计入低保后收入曾低于标准的占脱贫户 {median}（{low}–{high}）",
        "income with the safety net under it for {median} of all who left ({low} to {high})",
    ),
    "indicators.fell_before_net": (
        "凭自身收入（不计低保）达标脱贫的户，{year} 年内自身收入又跌破标准的占 {median}（{low}–{high}）",
        "of those who left on their own income, {median} fall under the line within {year} years ({low} to {high})",
    ),
    "indicators.fell_registered": (
        "登记返贫的占脱贫户 {median}（{low}–{high}）",
        "registered as returned {median} ({low} to {high})",
    ),
    "indicators.public": (
        "财政资金平均每年 {median}（{low}–{high}）",
        "public money {median} a year on average ({low} to {high})",
    ),
    "indicators.investment": (
        "另有一次性建设投资 {median}（{low}–{high}），不计入上数",
        "beside it {median} once for building ({low} to {high})",
    ),
    "indicators.by_village": (
        "村集体收益另发放平均每年 {median}（{low}–{high}），不计入上数",
        "and {median} a year paid by villages out of their proceeds ({low} to {high})",
    ),
    "indicators.cost": (
        "与不实施措施相比，每多一人一年高于贫困线花费 {median} 元（含建设投资，{low}–{high}）",
        "against no measures, {median} yuan, building included, for each person-year above the line ({low} to {high})",
    ),
    "indicators.money": ("{wan} 万元", "{million} million yuan"),
    "indicators.blank": ("无", "none"),
    "indicators.endless": ("无穷大", "without bound"),
    "indicators.chance_only": (
        "括号内为 {replicates} 次模拟的 {level} 区间，只含偶然性，不含参数的不确定性。",
        "In brackets the {level} interval of {replicates} replicates: chance alone, not the uncertainty of parameters.",
    ),
    "indicators.unpaired": ("两次运行不能配对比较：", "The two runs cannot be paired:"),
    "indicators.same_luck": (
        "两次运行的随机种子、起点、年度和重复次数须相同",
        "both runs share seed, opening, years and replicates",
    ),
}
