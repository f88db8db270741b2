"""Owns: the words of the room indicators.
Never: knows who uses them."""

from __future__ import annotations

WORDS: dict[str, tuple[str, str]] = {
    "indicators.exits": ("脱贫：{text}。", "Exits: {text}."),
    "indicators.left": ("剩余：{text}。", "Left: {text}."),
    "indicators.falls": ("返贫：{text}。", "Falling back: {text}."),
    "indicators.cost": ("支出：{text}。", "Spending: {text}."),
    "indicators.gap": ("", " "),
    "indicators.comma": ("；", "; "),
    "indicators.pause": ("，", ", "),
    "indicators.list_comma": ("、", ", "),
    # --- exits
    "indicators.exited_in_all": (
        "{since} 至 {year} 年合计脱贫 {median} 人次（{low}–{high}）",
        "{since} to {year} together: {median} exits of persons ({low} to {high})",
    ),
    "indicators.exited": ("{year} 年预计脱贫 {median} 人（{low}–{high}）", "{year}: {median} persons leave ({low} to {high})"),
    "indicators.target": ("计划 {median} 人", "{median} persons planned"),
    "indicators.qualified": (
        "不设限额时达标 {median} 人（{low}–{high}）",
        "{median} persons would qualify without a cap ({low} to {high})",
    ),
    "indicators.plain": (
        "其中不靠低保补差 {median} 人（{low}–{high}）",
        "{median} persons of these without dibao ({low} to {high})",
    ),
    "indicators.p_met": ("完成计划的可能性：{median}", "chance that the plan is met: {median}"),
    "indicators.p_met_without_topup": ("不靠低保完成的可能性：{median}", "without dibao: {median}"),
    "indicators.few_chance": ("次数太少", "too few runs"),
    "indicators.few": ("模拟次数太少，区间仅供参考。", "Too few replicates: the intervals are only a hint. "),
    "indicators.over": ("{share} 以上", "over {share}"),
    "indicators.under": ("{share} 以下", "under {share}"),
    # --- left
    "indicators.left_households": (
        "{year} 年末预计还有 {median} 户未脱贫（中位数，{low}–{high}）",
        "at the end of {year} {median} households are still poor (median, {low} to {high})",
    ),
    "indicators.closed": ("{year} 年起不再办理脱贫退出", "from {year} on exits are closed"),
    "indicators.left_persons": ("计 {median} 人（{low}–{high}）", "{median} persons ({low} to {high})"),
    "indicators.lacks": (
        "其中欠缺（一户可欠缺几项；各取中位数，不能相加）：{text}",
        "of these lack (one may lack several; medians do not add up): {text}",
    ),
    "indicators.lack_income": ("收入 {median} 户（{low}–{high}）", "income, {median} households ({low} to {high})"),
    "indicators.lack_house": ("安全住房 {median} 户（{low}–{high}）", "a safe house, {median} households ({low} to {high})"),
    "indicators.lack_water": ("安全饮水 {median} 户（{low}–{high}）", "safe water, {median} households ({low} to {high})"),
    "indicators.lack_school": ("义务教育 {median} 户（{low}–{high}）", "schooling, {median} households ({low} to {high})"),
    "indicators.lack_insurance": (
        "基本医疗保险 {median} 户（{low}–{high}）",
        "medical insurance, {median} households ({low} to {high})",
    ),
    "indicators.lack_measure": (
        "未享受帮扶措施 {median} 户（{low}–{high}）",
        "a measure delivered, {median} households ({low} to {high})",
    ),
    "indicators.lack_waiting": (
        "条件已具备、须等待退出 {median} 户（{low}–{high}）",
        "nothing but leave to go, {median} households ({low} to {high})",
    ),
    # --- falling back
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
    # --- money
    "indicators.cost_household": (
        "与本方案措施全部不实施（其中的低保等也不实施）相比{pairs}，每多一户收入稳在贫困线以上，"
        "每年花费财政资金 {median} 元（{low}–{high}，建设投资全数摊在这几年）",
        "against none of these measures (nor dibao, where it is one){pairs}, {median} yuan of public money a year, what was "
        "built charged to these years in full, for each household kept above the line ({low} to {high})",
    ),
    "indicators.kept_households": (
        "平均每年多 {median} 户在线上（{low}–{high}）",
        "{median} more households above it in an average year ({low} to {high})",
    ),
    "indicators.cost_none": (
        "与本方案措施全部不实施相比{pairs}，没有多出收入在贫困线以上的户",
        "against no measures{pairs}, no household more is kept above the line",
    ),
    "indicators.cost_person": (
        "每多一人一年高于贫困线花费 {median} 元（{low}–{high}）",
        "{median} yuan for each person-year above the line ({low} to {high})",
    ),
    "indicators.public": (
        "财政资金平均每年 {median}（{low}–{high}）",
        "public money {median} a year on average ({low} to {high})",
    ),
    "indicators.investment": (
        "另有一次性建设投资 {median}（{low}–{high}），未含在年均财政资金内",
        "{median} once for building ({low} to {high}), not in that average",
    ),
    "indicators.by_village": (
        "村集体用自有收益另发放，平均每年 {median}（{low}–{high}），也不是财政资金",
        "and {median} a year paid by villages out of their proceeds ({low} to {high})",
    ),
    "indicators.money": ("{wan} 万元", "{million} million yuan"),
    "indicators.blank": ("无", "none"),
    "indicators.endless": ("无穷大", "without bound"),
    # --- history, PV, other scenarios, what the answer rests on
    "indicators.history": ("已上报（不是预测）：{text}。", "Reported, not projected: {text}."),
    "indicators.history_year": (
        "{year} 年计划脱贫 {target} 人，实际脱贫 {persons} 人",
        "{year}: {target} persons planned, {persons} left",
    ),
    "indicators.short_of_plan": (
        "{year} 年计划 {target} 人，比 {before} 年末预计的在册贫困人口 {median} 人（{low}–{high}）还多："
        "即使全部脱贫，也要靠当年新识别和返贫的人才够数，所以完成计划的可能性要和年末还剩多少人一起看。",
        "The plan of {year} is {target} persons, more than the {median} persons still poor at the end of {before} ({low} to "
        "{high}): it takes those identified or returned in the "
        "year too, so that the chance of the plan is to be read with who is left.",
    ),
    "indicators.pv": ("光伏：{text}。", "PV: {text}."),
    "indicators.pv_reported": ("上报光伏扶贫 {median} 户", "{median} PV households as reported"),
    "indicators.pv_households": (
        "模型中年末仍在册的光伏关联户，最多的一年 {median} 户",
        "{median} linked households on the register of the model at the end of the year with most",
    ),
    "indicators.pv_dividend": (
        "平均每户每年得电站分红 {median} 元（{low}–{high}）",
        "a dividend of {median} yuan each in an average year ({low} to {high})",
    ),
    "indicators.pv_by_village": (
        "村集体用发电收益另发放、折合每户 {median} 元（{low}–{high}，按劳动和困难发放，不限于这些户）",
        "{median} yuan per household paid by villages out of their proceeds ({low} to {high}; by work and need, "
        "not to them alone)",
    ),
    "indicators.pv_income": ("合计每户每年 {median} 元（{low}–{high}）", "together {median} yuan a year each ({low} to {high})"),
    "indicators.pv_delay": (
        "若晚一年并网，{since} 至 {year} 年每户所得共相差 {median} 元（{low} 至 {high}）",
        "connected a year later, {median} yuan per household from {since} to {year} ({low} to {high})",
    ),
    "indicators.pv_delay_income": (
        "计入低保等增减后，每户收入共相差 {median} 元（{low} 至 {high}）",
        "{median} yuan of income per household once dibao and the like have answered ({low} to {high})",
    ),
    "indicators.difference": (
        "{title}，与{base}逐次配对相比{pairs}，到 {year} 年末：{text}。",
        "{title}, paired with {base}{pairs}, by the end of {year}: {text}.",
    ),
    "indicators.diff_exited_persons": (
        "累计脱贫 {median} 人次（{low} 至 {high}）",
        "{median} exits of persons ({low} to {high})",
    ),
    "indicators.diff_left_households": (
        "未脱贫 {median} 户（{low} 至 {high}）",
        "{median} households still poor ({low} to {high})",
    ),
    "indicators.diff_above_households": (
        "收入在贫困线以上的在册户 {median} 户（{low} 至 {high}）",
        "{median} registered households above the line ({low} to {high})",
    ),
    "indicators.diff_income_head": (
        "在册户人均纯收入 {median} 元（{low} 至 {high}）",
        "{median} yuan of income per head of the registered ({low} to {high})",
    ),
    "indicators.pairs": ("（按 {pairs} 对模拟）", " ({pairs} pairs of replicates)"),
    "indicators.rests": (
        "结果最依赖的参数（各在其 {level} 范围两端，其余不变）：{text}。",
        "The answer rests most on (each at the ends of its {level} range, the others held): {text}.",
    ),
    "indicators.rests_on": (
        "{name}由 {low} 到 {high}，{outcome}变化 {at_low} 至 {at_high}",
        "{name} from {low} to {high}: {outcome} {at_low} to {at_high}",
    ),
    "indicators.outcome_out": ("{year} 年不设限额的达标人数（人）", "persons who qualify in {year} before any cap"),
    "indicators.outcome_left": ("期末未脱贫户数（户）", "households still poor at the end"),
    "indicators.outcome_falls": ("脱贫后自身收入又跌破标准的占比", "share whose own income falls under the line after leaving"),
    "indicators.outcome_cost": ("财政资金（年均）", "public money a year"),
    # --- what the intervals hold
    "indicators.chance_only": (
        "括号内为 {replicates} 次模拟的 {level} 区间，只含偶然性，参数取定值，不含参数的不确定性。",
        "In brackets the {level} interval of {replicates} replicates: chance alone, parameters held, not their uncertainty.",
    ),
    "indicators.both": (
        "括号内为 {replicates} 次模拟、{draws} 组参数的 {level} 区间，既含偶然性，也含参数的不确定性。"
        "次次完成或次次完不成的，可能性只写下限或上限。",
        "In brackets the {level} interval of {replicates} replicates over {draws} draws of the parameters: chance and "
        "uncertainty of parameters together. Where all or none of them meet a plan, its chance is only a bound.",
    ),
    "indicators.of_chance": (
        "只看偶然性，{year} 年末未脱贫 {low}–{high} 户。",
        " Chance alone: {low} to {high} households still poor at the end of {year}.",
    ),
    "indicators.uncertain": ("应是本方案的一个不确定参数", "an uncertain parameter of this scenario"),
    # --- pairing
    "indicators.compared": ("{other}，减去{base}（逐次配对）", "{other} less {base}, paired"),
    "indicators.signed_interval": ("{number}（{low} 至 {high}）", "{number} ({low} to {high})"),
    "indicators.year": ("年度", "year"),
    "indicators.of_exited_persons": ("累计脱贫（人次）", "exits of persons so far"),
    "indicators.of_left_households": ("年末未脱贫（户）", "households still poor"),
    "indicators.of_above_households": ("收入在贫困线以上的在册户（户）", "registered households above the line"),
    "indicators.of_income_head": ("在册户人均纯收入（元）", "income per head of the registered (yuan)"),
    "indicators.of_public": ("当年财政资金", "public money of the year"),
    "indicators.of_pv_income": ("光伏款折合每户（元）", "PV money per linked household (yuan)"),
    "indicators.unpaired": ("两次运行不能配对比较：", "The two runs cannot be paired:"),
    "indicators.same": ("两次运行的{what}须相同", "both runs share the {what}"),
    "indicators.seed": ("随机种子", "seed"),
    "indicators.population": ("人口", "population"),
    "indicators.opening": ("起点年", "opening"),
    "indicators.years": ("模拟年度", "years"),
    "indicators.draws": ("参数抽样组数", "number of draws of the parameters"),
    "indicators.fit": ("参数拟合", "fit of the parameters"),
    "indicators.scope": ("模拟范围", "scope"),
}
