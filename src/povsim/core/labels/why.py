"""Owns: the words of one household opened (simulation.why, simulation.telling).
Never: decides when they are said."""

from __future__ import annotations

from typing import Final

WORDS: Final[dict[str, tuple[str, str]]] = {
    "why.not_there": ("没有这一户", "there is no such household"),
    "why.not_there_mend": (
        "请写户代号（如 {near}），或 0 至 {last} 的行号",
        "give a pseudonym, such as {near}, or a row from 0 to {last}",
    ),
    "why.not_simulated": (
        "只模拟建档立卡户（scope: registered）时不含这一户",
        "it is not among those simulated under scope: registered",
    ),
    "why.not_simulated_mend": ("请用 run.scope=all", "use run.scope=all"),
    "why.other_kind": (
        "模拟之后又登记了同名的措施类型，与当时用的不同",
        "a kind of this name was registered after the run, and is not the one it used",
    ),
    "why.other_kind_mend": ("请重新模拟，或登记回当时的类型", "simulate again, or register the former one"),
    "why.no_origin": (
        "读自文件的结果不带农户，不能重新模拟这一户；请用 povsim why 方案文件 户代号，或重新模拟后再问",
        "results read from files carry no households to live again; ask povsim why with the scenario file, or simulate first",
    ),
    "why.title": (
        "{id}：{village}，{size} 人，{status}，{category}",
        "{id}: {village}, {size} persons, {status}, {category}",
    ),
    "why.category_0": ("一般农户", "ordinary household"),
    "why.category_1": ("一般贫困户", "ordinary poor household"),
    "why.category_2": ("低保户", "dibao household"),
    "why.category_3": ("特困供养户", "tekun household"),
    "why.how": (
        "{replicates} 次模拟的平均数，括号内为 {level} 区间；全户，元/年。",
        "Means of {replicates} replicates, in brackets their {level} interval; the whole household, yuan a year.",
    ),
    "why.how_beside": (
        "{replicates} 次模拟的平均数，旁列为 {level} 区间；全户，元/年。",
        "Means of {replicates} replicates, beside them their {level} interval; the whole household, yuan a year.",
    ),
    "why.how_line": (
        "标准是方案所定（公布）的数，旁边是各次模拟在其不确定范围内所取的；高出多少、收入是否达到标准按各次所取的算。",
        "The line is the one that the scenario states; beside it those that the replicates drew from its range: distances and "
        "chances are by these.",
    ),
    "why.how_mean": (
        "少数几次模拟才有、或几次特别高的收入，平均数可能落在区间以外。",
        "Of income that only a few replicates have, or that is very high in a few, the mean may lie outside the interval.",
    ),
    "why.gone": ("{year} 年起有 {share} 的模拟中此户已无人。", "From {year} on nobody is left in {share} of the replicates."),
    "why.income": ("收入", "income"),
    "why.item": ("项目", "item"),
    "why.wage": ("工资性", "wages"),
    "why.operating": ("经营性", "operating"),
    "why.property": ("财产性", "property"),
    "why.transfer": ("转移性", "transfers"),
    "why.uncounted": ("不计入纯收入的救助、捐赠", "relief and donations, not counted"),
    "why.all": ("合计", "all"),
    "why.own": ("方案措施以外", "beside the scenario's measures"),
    "why.by_measures": ("其中各项措施带来", "of it, by measure"),
    "why.line": ("离标准（元/人）", "distance to the line (yuan a head)"),
    "why.head": ("人均纯收入", "registry income a head"),
    "why.standard": ("标准", "line"),
    "why.distance": ("高出标准", "above the line"),
    "why.above": ("达到标准的可能", "chance of being above it"),
    "why.out": ("年末不是在册贫困户的可能", "chance of not being registered poor at the end"),
    "why.year_line": (
        "{year}：{all} = 工资性 {wage} + 经营性 {operating} + 财产性 {property} + 转移性 {transfer}{uncounted}",
        "{year}: {all} = wages {wage} + operating {operating} + property {property} + transfers {transfer}{uncounted}",
    ),
    "why.uncounted_more": (" + 不计入的 {yuan}", " + not counted {yuan}"),
    "why.line_line": (
        "{year}：人均 {head}，标准 {line}，高出 {distance}；收入（含低保等）达到标准的可能 {above}，"
        "年末已不是在册贫困户的可能 {out}",
        "{year}: {head} a head, line {line}, above it by {distance}; income (dibao included) above it in {above}, not registered "
        "poor in {out}",
    ),
    "why.measures": ("各项措施带来的收入", "income that measures add"),
    "why.measure_line": ("{title}（{since}）：{parts}", "{title} ({since}): {parts}"),
    "why.since": ("多从 {year} 年起", "mostly from {year}"),
    "why.sometimes": ("最多 {share} 的模拟中享受", "had in at most {share} of the replicates"),
    "why.from_village": ("村里分配", "shared out by the village"),
    "why.beside": ("另，{first}–{last} 年合计：{parts}", "beside, {first} to {last} together: {parts}"),
    "why.grant": ("启动补助 {yuan} 元", "start-up grants {yuan} yuan"),
    "why.in_kind": ("实物和服务 {yuan} 元", "in kind {yuan} yuan"),
    "why.credited": ("所带来的工资 {yuan} 元（已在工资性收入内）", "wages it brought {yuan} yuan (within wages)"),
    "why.relieved": ("少付的自费 {yuan} 元", "own-paid costs spared {yuan} yuan"),
    "why.measures_note": (
        "措施只记直接给的和岗位的工资；因培训、介绍而找到的活计在“方案措施以外”内。"
        "{year} 年（期初）尚无措施，已在领的低保、补贴等也在“方案措施以外”内。",
        "Of measures what they pay directly and wages of their posts; work found through training or placement is under 'beside "
        "the scenario's measures'. So is all of {year} (the opening), dibao and subsidies that were received then among it.",
    ),
    "why.no_measures": ("没有措施到户。", "No measure reaches it."),
    "why.lacks": ("若年末仍是在册贫困户，还缺", "if still registered poor at the end, it lacks"),
    "why.lacks_line": ("{year}（{share} 的模拟仍是）：{parts}", "{year} (still so in {share}): {parts}"),
    "why.lack_income": ("收入 {share}", "income {share}"),
    "why.lack_house": ("安全住房 {share}", "a safe house {share}"),
    "why.lack_water": ("安全饮水 {share}", "safe water {share}"),
    "why.lack_school": ("义务教育 {share}", "schooling {share}"),
    "why.lack_insurance": ("医保 {share}", "medical insurance {share}"),
    "why.lack_measure": ("帮扶措施 {share}", "a measure {share}"),
    "why.lack_waiting": ("只待退出 {share}", "only leave to go {share}"),
    "why.lack_closed": ("什么都不缺，但退出已停办 {share}", "nothing, but exits are closed {share}"),
    "why.lacks_nothing": ("各次模拟中都不是在册贫困户。", "It is registered poor in no replicate."),
    "why.tips": (
        "{year} 年若再遇一件事（其他不变），跌破标准的可能（按当年达到标准的 {runs} 次模拟）",
        "if one thing more happens in {year}, all else equal: chance of falling under the line (replicates above it: {runs})",
    ),
    "why.loss": ("损失（元/人）", "loss (yuan a head)"),
    "why.chance": ("跌破的可能", "chance"),
    "why.tip_line": ("{what}：少 {loss} 元/人，跌破 {share}", "{what}: {loss} yuan a head less, under it in {share}"),
    "why.tip_job": ("挣得最多的人全年没有工资", "the best wage is lost for the year"),
    "why.tip_illness": ("挣得最多的人大病一场", "serious illness of the best earner"),
    "why.tip_disaster": ("自家种养受灾", "a disaster on its own farm"),
    "why.tip_support": ("子女不再赡养", "support by children ends"),
    "why.tip_mouth": ("家里多一口人", "one more mouth"),
    "why.tip_measure": ("{title}停止", "{title} ends"),
    "why.no_tips": ("没有一次模拟达到标准，谈不上跌破。", "It is above the line in no replicate."),
    "why.fell": (
        "脱贫后自身收入又跌破标准：{share} 的模拟；原因：{causes}。",
        "After leaving, own income fell under the line again in {share} of the replicates, because of: {causes}.",
    ),
    "why.guarantee": (
        "{year} 年“三保障”或饮水有缺的可能：{share}。",
        "Chance that a guarantee is lacking in {year}: {share}.",
    ),
    "why.semicolon": ("；", "; "),
    "why.of": ("{text} {share}", "{text} {share}"),
    "why.colon": ("{head}：{text}", "{head}: {text}"),
}
