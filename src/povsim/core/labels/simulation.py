"""Owns: words of the room `simulation`.
Never: decides when they are said."""

from __future__ import annotations

from typing import Final

WORDS: Final[dict[str, tuple[str, str]]] = {
    "simulation_opening": ("{place}没有这一年的期初；可用：{years}", "{place} has no such opening; there are {years}"),
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
    "simulation_without": ("不帮扶", "without measures"),
    "simulation_unlike": (
        "与 {name} 比较时两个方案此项须相同（本方案：{value}）",
        "must be the same in {name} for a comparison (here: {value})",
    ),
    "simulation_unlike_mend": ("请改成相同，或不要与它比较", "make them the same, or do not compare with it"),
    "simulation_unheeded": ("{kind} 类措施不用这一项，写了也不起作用", "measures of the kind {kind} take no account of this"),
    "simulation_unheeded_quota": ("请删去；要限制规模，请写 quota", "leave it out; to limit its size, state a quota"),
    "simulation_word": ("应为 {kind} 类措施参数表中有的名称", "a name that the tables of the kind {kind} know"),
    "simulation_shared": ("最多 {most:,} 个", "{most:,} at most"),
    "simulation_twice": (
        "同一年的村集体收入只能由一项措施分配",
        "one measure at most that shares out the villages' income of a year",
    ),
    "simulation_twice_mend": (
        "请与 {other} 合为一项，或用 start、until 把年份错开",
        "make it one with {other}, or set their years apart by start and until",
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
