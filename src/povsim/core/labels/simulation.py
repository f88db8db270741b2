"""Owns: words of the room `simulation`.
Never: decides when they are said."""

from __future__ import annotations

from typing import Final

WORDS: Final[dict[str, tuple[str, str]]] = {
    "simulation_workers": ("应为 1 或更大的整数", "1 or a greater whole number"),
    "simulation_opening": ("{place}没有这一年的期初；可用：{years}", "{place} has no such opening; there are {years}"),
    "simulation_opening_mend": ("请改为其中一年，或在地点文件里补上", "choose one of them, or add it to the place file"),
    "simulation_linked": (
        "连同前面的电站共要 {taken} 户；{place}只有 {linked} 户光伏扶贫户",
        "with the stations before, {taken} households; {place} has {linked} linked to a station",
    ),
    "simulation_linked_mend": (
        "请改小名额，或在地点文件里写 margins.pv_households",
        "lower the quota, or state margins.pv_households in the place file",
    ),
    "simulation_plan_above": (
        "注意：{year} 年以后计划脱贫 {planned:,} 人，比 {year} 年末在册的 {stock:,} 人多 {more:,} 人；计划照原样使用，"
        "多出的人数无人可减。",
        "Note: after {year} the plan is for {planned:,} persons to leave, {more:,} more than the {stock:,} registered at the "
        "end of {year}; it is simulated as it stands, and nobody is left for the rest.",
    ),
    "simulation_idle": ("注意：{where}：措施 {title}（{id}）{reason}", "Note: {where}: measure {title} ({id}) {reason}"),
    "simulation_idle_late": (
        "自 {year} 年开始，本次只模拟到 {last} 年，不起作用。",
        "starts in {year}, and the run ends with {last}: it does nothing.",
    ),
    "simulation_idle_ends": (
        "自 {year} 年起停止支持，本次从 {first} 年模拟起，不起作用。",
        "gives nothing from {year} on, and the run begins with {first}: it does nothing.",
    ),
    "simulation_idle_until": (
        "只到 {year} 年有新增受益，本次从 {first} 年模拟起，没有人享受。",
        "takes nobody after {year}, and the run begins with {first}: nobody has it.",
    ),
    "simulation_idle_quota": ("各年名额都是 0，没有人享受。", "has a quota of 0 in every year: nobody has it."),
    "simulation_idle_budget": ("各年预算都是 0，没有人享受。", "has a budget of 0 in every year: nobody has it."),
    "simulation_idle_always": (
        "要求{field}为 {text}，本次模拟中没有这样的户，没有人享受。",
        "asks for {field} {text}, and this run has no such household: nobody has it.",
    ),
    "simulation_idle_impossible": (
        "要求{field}为 {text}，这不可能，没有人能新增享受。",
        "asks for {field} {text}, which cannot be: nobody is served.",
    ),
    "simulation_idle_together": (
        "的条件不能同时成立（{conditions}），没有人能新增享受。",
        "has conditions that cannot all be met ({conditions}): nobody is served.",
    ),
    "simulation_idle_comma": ("、", "; "),
    "simulation_idle_unserved": (
        "在本次模拟的各年、各次重复中都没有人享受：没有户同时满足 eligible 各条和这类措施自身的条件。",
        "was had by nobody in any year and replicate of this run: no household met all of eligible and what the kind asks.",
    ),
    "simulation_idle_short": (
        "在本次模拟的各年、各次重复中都没有人享受：有人符合条件，但名额、预算或村里的岗位资金不够。",
        "was had by nobody in any year and replicate of this run: some could have it, but quota, budget or the village's "
        "fund for posts did not reach.",
    ),
    "simulation_idle_from": (
        "要求{field}为 {text}，{year} 年起没有这样的户，不再有人新增享受。",
        "asks for {field} {text}; from {year} on there is no such household, and nobody is served anew.",
    ),
    "simulation_idle_cut": (
        "{year} 年起岗位逐年裁减、空岗不再补人，没有人新增享受；原在岗的按年裁减。",
        "is cut from {year} on and what falls free is not filled again: nobody has it anew, and of those who have it some lose "
        "it each year.",
    ),
    "simulation_idle_lent": (
        "的户贷企用（financing: loan）到 {last} 年为止不再新增（last_year），本措施 {year} 年才有新增，没有人享受。",
        "lends on to firms (financing: loan), which ends with {last} (last_year), and takes new holders from {year} on: nobody "
        "has it.",
    ),
    "simulation_idle_anew": (
        "按年申请、按年给，{until} 年以后（until）不再有人享受；kept_until 写到 {kept} 年不起作用，要继续给请改 until。",
        "is given for one year and asked for anew: nobody has it after {until} (until), and kept_until {kept} does nothing; "
        "to go on, move until.",
    ),
    "simulation_idle_lowered": (
        "{years} 年的岗位名额少于上年：在岗的人不因此离岗，只停止补人，用去的名额可多于名额；要裁减岗位请写 cut。",
        "has fewer posts than the year before in {years}: nobody loses a post by that, only none is filled, so that more may be "
        "used than there are; to cut posts, set cut.",
    ),
    "simulation_idle_pause": ("、", ", "),
    "simulation_idle_kept": (
        "脱贫后只保留到 {year} 年，本次从 {first} 年模拟起，脱贫的户都不再享受（监测对象除外）。",
        "is kept after exit until {year}, and the run begins with {first}: nobody has it after exit (those watched apart).",
    ),
    "simulation_idle_per": (
        "改写了名额口径（per: {per}），沿用的数（{where}）也按这一口径计；若非本意，请把这些数一并写出。",
        "states anew what its quota counts by (per: {per}); numbers that are inherited ({where}) now count by it too: "
        "if that is not meant, write these numbers as well.",
    ),
    "simulation_idle_namesake": (
        "与 {other} 同名，表和图里只能加代号区分；请另取名称。",
        "has the Chinese title of {other}: tables and charts add the ids to tell them apart; give it another.",
    ),
    "simulation_idle_namesake_en": (
        "的英文名（title.en）与 {other} 相同，英文的表和图里只能加代号区分；请另取英文名。",
        "has the English title of {other}: tables and charts add the ids to tell them apart; give it another.",
    ),
    "simulation_idle_removed": (
        "被清退的户只享受依法应得的补贴和兜底保障。",
        " Who was removed from the registry has only what is due by law and the safety net.",
    ),
    "simulation_idle_connected": (
        "{year} 年才并网，本次只模拟到 {last} 年，不起作用。",
        "is connected in {year}, and the run ends with {last}: it does nothing.",
    ),
    "simulation_idle_one_class": (
        "{year} 年起常态化帮扶，监测对象只有一类（{word}）。",
        " Regular support from {year} on: all that are watched are of one class ({word}).",
    ),
    "simulation_without": ("不帮扶", "without measures"),
    "simulation_unlike": (
        "与 {name} 比较时两个方案此项须相同（本方案 {mine}，{name} {theirs}）",
        "must be the same in {name} for a comparison (here {mine}, there {theirs})",
    ),
    "simulation_unlike_mend": (
        "请改成相同，或不与它比较（写 compare: []）",
        "make them the same, or do not compare with it (compare: [])",
    ),
    "simulation_unheeded": ("{kind} 类措施不用这一项，写了也不起作用", "measures of the kind {kind} take no account of this"),
    "simulation_unheeded_quota": ("请删去；要限制规模，请写 quota", "leave it out; to limit its size, state a quota"),
    "simulation_word": ("应为 {kind} 类措施参数表中有的名称", "a name that the tables of the kind {kind} know"),
    "simulation_shared": ("最多 {most:,} 个", "{most:,} at most"),
    "simulation_one_village": (
        "这样的工程一村一项，造价按一个村计，须写明是哪个村",
        "such works are built and paid for one village, and the measure must name it",
    ),
    "simulation_one_village_mend": (
        "请写 eligible: {village: 村名}；有几个村就写几项措施",
        "write eligible: {village: its name}; for several villages, a measure for each",
    ),
    "simulation_twice": (
        "同一年的村集体收入只能由一项措施分配",
        "one measure at most that shares out the villages' income of a year",
    ),
    "simulation_twice_mend": (
        "请与 {other} 合为一项，或用 start、until 把年份错开",
        "make it one with {other}, or set their years apart by start and until",
    ),
    "simulation_net_twice": (
        "兜底保障的同一部分（{part}）同一年只能有一项措施",
        "one measure at most for the same part of the safety net ({part}) in a year",
    ),
    "simulation_closed": (
        "{last} 年以后不再办理脱贫退出，这一年的计划完不成",
        "nobody leaves after {last}, so that the plan of this year cannot be met",
    ),
    "simulation_closed_mend": (
        "请删去这一年，或改 plan.finish_year、assessment.transition_from",
        "leave the year out, or change plan.finish_year or assessment.transition_from",
    ),
    "simulation_village": ("{place}没有这个村", "{place} has no such village"),
}
