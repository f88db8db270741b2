"""Owns: the words of the lists that an office opens as a workbook.
Never: knows who uses them."""

from __future__ import annotations

WORDS: dict[str, tuple[str, str]] = {
    "lists.exits": ("脱贫时限清单", "Exit list"),
    "lists.villages": ("分村汇总", "By village"),
    "lists.about": ("说明", "Explanation"),
    "lists.title": ("{place}脱贫时限清单", "{place}: exit list, household by household"),
    "lists.villages_title": ("{place}各村年末未脱贫户和人", "{place}: households and persons still poor, by village"),
    "lists.about_title": ("各列含义、来源和口径", "What the columns mean, where the figures come from"),
    "lists.under_title": (
        "{opening} 年末未脱贫 {households} 户、{persons} 人；{scenario}，{replicates} 次模拟；制表 {date}",
        "{households} households, {persons} persons poor at the end of {opening}; {scenario}, {replicates} replicates; {date}",
    ),
    "lists.footer": ("povsim 运行 {run}，{date}", "povsim run {run}, {date}"),
    "lists.footer_source": ("上报数：{source}", "Reported: {source}"),
    "lists.page": ("第 {page} 页，共 {pages} 页", "page {page} of {pages}"),
    # columns of the list
    "lists.village": ("村", "village"),
    "lists.household": ("户代号", "household"),
    "lists.size": ("人口", "persons"),
    "lists.category": ("户类型", "category"),
    "lists.expected": ("预计脱贫年份", "expected year of exit"),
    "lists.interval": ("{level} 区间", "{level} interval"),
    "lists.by_year": ("{year} 年底前脱贫", "out by the end of {year}"),
    "lists.never": ("期内未脱贫", "not out by then"),
    "lists.off": ("清退或销户", "removed or gone"),
    "lists.short": ("期初收入差 (元/人)", "short of the line at the start (yuan a head)"),
    "lists.lacks": ("{year} 年末若仍未脱贫，还缺", "if still poor at the end of {year}, it lacks"),
    "lists.measures": ("预计享受的措施", "measures it is expected to have"),
    "lists.returns": ("脱贫后三年内返贫", "falls back within three years"),
    "lists.cause": ("主要返贫原因", "main cause of falling back"),
    "lists.warning": ("提示", "note"),
    # what stands in them
    "lists.returned": ("{category}（返贫）", "{category}, returned"),
    "lists.category_ORDINARY": ("一般农户", "ordinary"),
    "lists.category_POOR": ("一般贫困户", "poor"),
    "lists.category_DIBAO": ("低保户", "dibao"),
    "lists.category_TEKUN": ("特困供养户", "tekun"),
    "lists.from_year": ("{year} 年起", "{year} on"),
    "lists.lack_income": ("收入差 {gap} 元/人", "income, {gap} yuan a head"),
    "lists.lack_house": ("住房", "safe house"),
    "lists.lack_water": ("饮水", "safe water"),
    "lists.lack_school": ("义务教育", "schooling"),
    "lists.lack_insurance": ("医保", "medical insurance"),
    "lists.lack_measure": ("帮扶措施", "a measure"),
    "lists.lack_waiting": ("只待退出（名额或程序）", "only leave to go"),
    "lists.lack_closed": ("退出已停办", "exits are closed"),
    "lists.with_share": ("{what} {share}", "{what} {share}"),
    "lists.one_of": ("{what}等电站之一", "{what} or another station"),
    "lists.warning_never": ("期内难以脱贫", "hardly out in these years"),
    "lists.warning_after_finish": ("晚于 {finish} 年", "later than {finish}"),
    "lists.warning_after_plan": ("晚于计划（{plan} 年）", "later than planned ({plan})"),
    "lists.warning_return": ("返贫风险高", "high risk of falling back"),
    "lists.warning_return_some": ("返贫风险较高", "some risk of falling back"),
    "lists.warning_rests": ("多靠低保达标", "out mostly by dibao"),
    # the sheet of villages
    "lists.at_start": ("{year} 年末（期初）", "end of {year} (start)"),
    "lists.at_end": ("{year} 年末", "end of {year}"),
    "lists.households": ("户", "households"),
    "lists.persons": ("人", "persons"),
    "lists.incidence": ("贫困发生率", "incidence"),
    "lists.town": ("全镇", "the town"),
    # the sheets by year
    "lists.service": ("措施供需", "Who got what"),
    "lists.service_title": (
        "{place}各项措施：谁想要、谁得到、名额和预算",
        "{place}: who wanted each measure, who got it, quotas and budgets",
    ),
    "lists.service_under": (
        "{scenario}，{replicates} 次模拟的平均数和 {level} 区间；制表 {date}",
        "{scenario}, means of {replicates} replicates and their {level} interval; {date}",
    ),
    "lists.measure": ("措施", "measure"),
    "lists.year": ("年度", "year"),
    "lists.wanted": ("当年想要", "wanted it"),
    "lists.new": ("当年新得", "newly got it"),
    "lists.unmet": ("想要而未得", "wanted it, refused"),
    "lists.unit": ("单位", "unit"),
    "lists.unit_household": ("户", "households"),
    "lists.unit_person": ("人", "persons"),
    "lists.unit_village": ("村", "villages"),
    "lists.holders": ("年内享受 (户，村)", "have it (households, villages)"),
    "lists.quota": ("名额", "quota"),
    "lists.quota_households": ("户", "households"),
    "lists.quota_persons": ("人", "persons"),
    "lists.quota_posts": ("岗", "posts"),
    "lists.quota_kw": ("千瓦", "kW"),
    "lists.quota_used": ("用去名额", "quota used"),
    "lists.budget": ("预算 (元)", "budget (yuan)"),
    "lists.budget_used": ("用去预算 (元)", "budget used (yuan)"),
    "lists.why": ("未得的原因", "why refused"),
    "lists.why_over": ("在岗的多于名额，不补新人", "more hold posts than the quota: none is filled"),
    "lists.why_quota": ("名额用完", "quota used up"),
    "lists.why_no_quota": ("当年无名额", "no quota in the year"),
    "lists.why_cut": ("岗位裁减，空岗不再补人", "posts are cut and not filled again"),
    "lists.why_fund": ("村岗位资金用完", "villages' fund for posts used up"),
    "lists.why_net": ("当年未纳入", "not listed"),
    "lists.why_budget": ("剩余预算不够排在前面的一户（人）", "what is left of the budget is not enough for the next in order"),
    "lists.watch": ("防返贫监测", "Monitoring"),
    "lists.watch_title": ("{place}防返贫监测：预警、监测、消除", "{place}: monitoring against falling back, households"),
    "lists.watch_under": (
        "{scenario}，户，{replicates} 次模拟的平均数和 {level} 区间；制表 {date}",
        "{scenario}, households, means of {replicates} replicates and their {level} interval; {date}",
    ),
    "lists.entered": ("当年纳入", "came under watch"),
    "lists.by_department": ("部门预警", "by a department's alert"),
    "lists.by_village": ("走访排查", "by a village check"),
    "lists.by_application": ("自主申报", "by application"),
    "lists.passed_over": ("攻坚期末转入", "still poor when the campaign ended"),
    "lists.entered_again": ("其中再次纳入", "of these, not for the first time"),
    "lists.cleared": ("帮扶消除", "cleared by support"),
    "lists.cleared_naturally": ("自然消除", "nobody is left"),
    "lists.monitored": ("年末监测", "watched at the end"),
    "lists.unstable": ("脱贫不稳定", "unstable"),
    "lists.marginal": ("边缘易致贫", "marginal"),
    "lists.sudden": ("突发严重困难", "sudden hardship"),
    "lists.at_risk": ("防止返贫致贫对象", "at risk"),
    "lists.one_class": (
        "；{year} 年起常态化帮扶，监测对象只有一类，不再分三类",
        "; regular support from {year} on: one class, the three are no longer told apart",
    ),
    "lists.missed": ("应监测未监测", "missed"),
    "lists.delay_months": ("发现时滞 (月)", "months to find"),
    "lists.village_exits": ("村出列和集体收入", "Villages out"),
    "lists.village_exits_title": (
        "{place}各村出列年份和集体经济收入",
        "{place}: when poor villages leave, and what villages earn",
    ),
    "lists.village_exits_under": (
        "{scenario}；出列为 {replicates} 次模拟中已出列的占比，收入为平均数和 {level} 区间，万元；制表 {date}",
        "{scenario}; out: share of {replicates} replicates; income: mean and {level} interval, 10,000 yuan; {date}",
    ),
    "lists.poor_village": ("贫困村", "poor village"),
    "lists.yes": ("是", "yes"),
    "lists.exit_year": ("预计出列年份", "expected year out"),
    "lists.out_by": ("{year} 年末已出列", "out by the end of {year}"),
    "lists.collective_income": ("{year} 年集体收入 (万元)", "income {year} (10,000 yuan)"),
    # the sheet of explanations
    "lists.item": ("项目", "item"),
    "lists.meaning": ("说明", "what it is"),
    "lists.note_synthetic": ("数据性质", "data"),
    "lists.note_synthetic_text": (
        "合成数据，非真实农户。各户由公布的合计数生成，合计相符，单户不对应任何真实家庭；不能据此认定、帮扶或退出任何一户。",
        "Synthetic data, no real households. The households were made from published totals and add up to them; no row is a "
        "real family, and none may be registered, helped or let go by it.",
    ),
    "lists.note_who": ("列入范围", "who is listed"),
    "lists.note_who_text": (
        "{opening} 年末在册未脱贫（含返贫）的每一户，共 {households} 户；先按村、再按预计脱贫年份排列。以后新识别或返贫的户不在"
        "表内。",
        "Every household registered as poor (or returned) at the end of {opening}, {households} in all, by village and expected "
        "year. Households identified or returned later are not in the list.",
    ),
    "lists.note_expected": ("预计脱贫年份、区间", "expected year, interval"),
    "lists.note_expected_text": (
        "{replicates} 次模拟中首次脱贫年份的中位数和 {level} 区间（其间被清退或销户的除外）。计划限额和先后次序按方案执行。",
        "Median and {level} interval of the year of first exit over {replicates} replicates, those apart in which it is removed "
        "or nobody is left. Caps and order are those of the plan.",
    ),
    "lists.note_chances": ("各年底前脱贫、期内未脱贫、清退或销户", "out by, not out, removed or gone"),
    "lists.note_chances_text": (
        "占全部模拟次数的比例；最后一年的“底前脱贫”加“期内未脱贫”加“清退或销户”等于 100%。",
        "Shares of all replicates; the last year's share, those not out and those removed or gone add up to 100%.",
    ),
    "lists.note_closed": ("不再办理退出的年份", "years without exits"),
    "lists.note_closed_text": (
        "{closed} 年起不再办理脱贫退出，各年底前脱贫只列到上一年。",
        "From {closed} on exits are closed, so that the last column of those out by a year is that of the year before.",
    ),
    "lists.note_short": ("期初收入差", "short at the start"),
    "lists.note_short_text": (
        "{opening} 年人均纯收入低于方案所定（公布）脱贫标准的差额；空白为已在标准以上（可能因保障、名额等未退出）。",
        "What income per head of {opening} lacks to the line that the scenario states; blank where it is above it (a guarantee "
        "or the cap may hold it back).",
    ),
    "lists.note_lacks": ("还缺", "lacks"),
    "lists.note_lacks_text": (
        "{year} 年末仍未脱贫的那些模拟中，缺某一项的比例不低于 {least} 才列出；仍未脱贫的不足 {few} 次时空白，即多半当年脱贫。“"
        "只待退出”指条件已具备，因当年返贫、计划限额或特困退出程序而等待。收入差是这些模拟的平均数，标准按各次模拟在其不确定"
        "范围内所取的算。",
        "Of the replicates in which it is still poor at the end of {year}, what is lacking in at least {least} of them; blank "
        "where these are fewer than {few}, so that it mostly leaves that year. 'Only leave to go': all is there, and it waits "
        "for the year of its return to end, for room in the plan or for the procedure of tekun. Short of income: their mean, by "
        "the line that each replicate drew from its range.",
    ),
    "lists.note_measures": ("预计享受的措施", "measures"),
    "lists.note_measures_text": (
        "期内任一年享受的可能性不低于 {half} 的措施；哪一户属于哪个光伏电站未公布，可能性分摊在各站的写“等电站之一”。",
        "Measures that it has in some year with a chance of at least {half}. Which household belongs to which PV station was "
        "not published: where the chance is split over stations it says so.",
    ),
    "lists.note_returns": ("脱贫后三年内返贫、原因", "falls back, cause"),
    "lists.note_returns_text": (
        "凭自身收入（不计低保）达标脱贫后，三年内自身收入又跌破标准的比例，不是登记返贫；可跟踪的不足 {few} 次时空白。",
        "Of the replicates in which it left on its own income, the share in which that falls under the line again within three "
        "years; this is no registered return. Blank where fewer than {few} can be followed.",
    ),
    "lists.note_warning": ("提示", "note"),
    "lists.note_warning_text": (
        "期内难以脱贫：期内未脱贫不低于 {half}；晚于计划：预计年份晚于计划的最后一年（{plan}）或收官年（{finish}）；返贫风险高："
        "不低于 {high}；较高：不低于 {some}；多靠低保达标：脱贫后可跟踪的模拟不少于 {enough} 次，其中凭自身收入达标的不足 {few} "
        "次，且享受低保或特困（不计临时救助）的可能性不低于 {half}；模拟次数少或年限短时不作此提示。",
        "Hardly out: not out in at least {half}; later than planned: expected after the last planned year ({plan}) or the "
        "finish year ({finish}); high risk: at least {high}; some risk: at least {some}; out mostly by dibao: of at least "
        "{enough} replicates in which it is followed after leaving, fewer than {few} left on its own income, and the chance of "
        "dibao or tekun (relief apart) is at least {half}; not told where replicates or years are few.",
    ),
    "lists.note_village_sheet": ("分村汇总", "by village"),
    "lists.note_village_sheet_text": (
        "各村为各次模拟的平均数，括号为 {level} 区间，含期内新识别和返贫的户；全镇为中位数，因此与各村之和略有出入。",
        "Of villages means with their {level} interval, households identified or returned later included; of the town the "
        "median, so that it differs a little from the sum.",
    ),
    "lists.note_service": ("措施供需", "who got what"),
    "lists.note_service_text": (
        "平均数。当年想要：符合条件又愿意参与，新得的加未得的；未得：因名额、预算或村里的岗位资金不够。"
        "个人享受的措施（培训、岗位、助学等）这三项按人计，其余按户，年内享受都按户。"
        "名额和用去名额按名额的单位，各村合计；岗位含原有的（可多于调低后的名额），其余只计新得的。"
        "小额信贷、户贷企用的用去预算含风险补偿金代偿，它不占预算。"
        "兜底保障按规定办理，无名额；岗位裁减、空岗不再补人的年份没有岗位可给，不记想要和未得；"
        "未得指核定时在标准以下、当年未纳入的。名额或预算用去 {full} 以上，或只有这一项限制的，注明用完或不够；"
        "轮到的一户（人）剩余预算不够，当年的队就到此为止，所以可能有结余。",
        "Means. Wanted it: meets the conditions and is willing, those who newly got it and those refused; refused: by "
        "quota, budget or the village's fund for posts. Of what persons hold (training, posts, grants) these three are "
        "counted in persons, of the rest in households; the holders always in households. The quota and what was used of "
        "it are in the unit of the quota, all villages together; posts include those filled before (they may be more than "
        "a quota that was lowered), others the new alone. What is used of the budget for loans holds what the fund for "
        "losses pays, which is none of the budget. In years in which posts are cut and not filled again there is none to "
        "be had, and nobody is said to have wanted one. The safety net has no quota: refused are those below the standard "
        "when it was decided and not covered. Used up, or not enough: at least {full} of it, or there is no other limit; "
        "whom what is left of the budget does not reach ends the queue of the year, so that money may be left.",
    ),
    "lists.note_watch": ("防返贫监测", "monitoring"),
    "lists.note_watch_text": (
        "户，平均数；从有监测的第一年列起。当年纳入按三种发现方式和攻坚期末转入分列；年末监测 = 上年末 + 纳入 − 帮扶消除 − "
        "自然消除。"
        "常态化帮扶后监测对象只有一类，不再分三类。"
        "应监测未监测：年末收入和支出已到监测范围而无人发现的。发现时滞：从出事到纳入，月。",
        "Households, means, from the first year with any. Those who came under watch are told apart by who found them and "
        "who "
        "passed over from the campaign; watched at the end = a year before + came - cleared - nobody left. In "
        "regular support all are of one class, and the three of the transition are blank. Missed: within the "
        "range of monitoring at the end of the year and found by nobody. Months to find: from the event to the entry.",
    ),
    "lists.note_village_exits": ("村出列和集体收入", "villages out"),
    "lists.note_village_exits_text": (
        "已出列：到该年末已出列的模拟占比（本身是可能性，没有区间），只列贫困村；预计出列年份：占比首次达到 {half} 的年份，"
        "空白为期内达不到；以后各年不再变化的不列。"
        "集体收入：村集体当年收入的平均数和 {level} 区间，万元。",
        "Out: share of replicates in which a poor village has left by the end of the year (a chance, so that it has no "
        "interval); "
        "expected year: the first in which it is at least {half}, blank where none is; later years are as the last one "
        "listed. Income: what the village earns in the year, mean and {level} interval, 10,000 yuan.",
    ),
    "lists.note_source": ("上报数来源", "reported figures"),
    "lists.note_source_text": ("{source}（截至 {as_of} 年末）", "{source} (to the end of {as_of})"),
    "lists.note_run": ("运行", "run"),
    "lists.note_run_text": (
        "povsim 运行编号 {run}，{date}；方案：{scenario}；随机种子 {seed}；"
        "参数组数 {draws}（不足 2 组为参数固定，区间只含偶然性）。",
        "povsim run {run}, {date}; scenario: {scenario}; seed {seed}; draws of the parameters {draws} (fewer than 2: held, so "
        "that intervals hold chance alone).",
    ),
}
