"""Owns: the closed list of units, each with its hard limits.
Never: holds a parameter."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Unit:
    """A unit: its Chinese word, the least and greatest value any quantity of it can have, and whether it counts whole things."""

    zh: str
    low: float | None = None
    high: float | None = None
    whole: bool = False


MANY: Final = 1e7  # yuan of one thing or person: the fen of a million households then add up within 64 bits
FEW: Final = 1e3  # of what each has thousands of
MUCH: Final = 1e9  # of a sum

# One line each, alphabetical. A limit here can not be passed, whatever reason is given.
UNITS: Final[dict[str, Unit]] = {
    "-": Unit("无单位"),
    "births/woman": Unit("个/妇女", 0, 12),
    "code": Unit("代码"),
    "count": Unit("个", 0, None, whole=True),
    "days": Unit("天", 0),
    "days/household": Unit("工日/户", 0),
    "days/year": Unit("天/年", 0, 366),
    "days/unit": Unit("工日/单位", 0),
    "head": Unit("头、只", 0),
    "households": Unit("户", 0),
    "hours/year": Unit("小时/年", 0, 8784),
    "kW": Unit("千瓦", 0),
    "kWh/kW/year": Unit("千瓦时/千瓦·年", 0, 8784),
    "log": Unit("对数"),
    "log/person": Unit("对数/人"),
    "log/year": Unit("对数/年"),
    "month": Unit("月", 0, None, whole=True),
    "month of the year": Unit("月份", 1, 12, whole=True),
    "months": Unit("个月", 0),
    "months/year": Unit("个月/年", 0, 12),
    "mu": Unit("亩", 0),
    "mu/MW": Unit("亩/兆瓦", 0),
    "mu/household": Unit("亩/户", 0),
    "odds": Unit("优势比", 0),
    "per 100 households": Unit("个/百户", 0),
    "per 100 persons": Unit("个/百人", 0),
    "persons": Unit("人", 0),
    "persons/household": Unit("人/户", 0),
    "posts": Unit("个岗位", 0),
    "ratio": Unit("倍", 0),
    "seed": Unit("种子", 0, 2**64 - 1, whole=True),
    "share": Unit("比例", 0, 1),
    "share/month": Unit("比例/月", 0, 1),
    "share/year": Unit("比例/年", 0, 1),
    "text": Unit("文字"),
    "true/false": Unit("是否"),
    "units/household": Unit("单位/户", 0),
    "visits/person/year": Unit("次/人·年", 0),
    "year": Unit("年份", 1900, 2200, whole=True),
    "years": Unit("年", 0),
    "yuan": Unit("元", -MUCH, MUCH),
    "yuan/W": Unit("元/瓦", 0, FEW),
    "yuan/household": Unit("元/户", 0, MANY),
    "yuan/household/year": Unit("元/户·年", 0, MANY),
    "yuan/kW": Unit("元/千瓦", 0, MANY),
    "yuan/kW/year": Unit("元/千瓦·年", 0, MANY),
    "yuan/kWh": Unit("元/千瓦时", 0, FEW),
    "yuan/km": Unit("元/公里", 0, MUCH),
    "yuan/labourer/year": Unit("元/劳力·年", -MANY, MANY),
    "yuan/month": Unit("元/月", 0, MANY),
    "yuan/mu": Unit("元/亩", -MANY, MANY),
    "yuan/mu/year": Unit("元/亩·年", -MANY, MANY),
    "yuan/person": Unit("元/人", 0, MANY),
    "yuan/person/year": Unit("元/人·年", 0, MANY),
    "yuan/unit": Unit("元/单位", -MANY, MANY),
    "yuan/unit/year": Unit("元/单位·年", -MANY, MANY),
    "yuan/village": Unit("元/村", -MUCH, MUCH),
    "yuan/village/year": Unit("元/村·年", -MUCH, MUCH),
    "yuan/visit": Unit("元/次", 0, MANY),
    "yuan/year": Unit("元/年", -MUCH, MUCH),
}
