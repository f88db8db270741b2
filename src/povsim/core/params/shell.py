"""Owns: the settings of a scenario that are no process parameters (run, plan, a measure's frame), as records.
Never: a number from a document (params/)."""

from __future__ import annotations

from typing import Final

from povsim.core.params.record import Record, Text
from povsim.core.params.tree import Plain, grow

SCHEMA: Final = "povsim/1"
SCENARIO_KEYS: Final = ("schema", "extends", "title", "place", "run", "plan", "compare", "stress", "kinds", "measures")
MEASURE_KEYS: Final = ("kind", "title", "eligible", "order", "quota", "budget", "take_up", "start", "until", "kept_until", "ends")
RESERVED_IDS: Final = ("own", "all")  # where a household is opened: what no measure entered, and the sum (simulation.why)
ORDERS: Final = ("poorest", "largest_gap", "list", "lottery", "registered")
QUOTA_UNITS: Final = ("households", "persons", "posts", "kw")
PER: Final = ("all", "village")
SCOPES: Final = ("all", "registered")


def _setting(
    zh: str,
    en: str,
    unit: str,
    value: Plain,
    low: float | None = None,
    high: float | None = None,
    one_of: tuple[str, ...] = (),
    whole: bool = False,
) -> Record:
    return Record(
        name=Text(zh, en), unit=unit, default=grow(value), role="lever", source="scenario",
        low=low, high=high, one_of=one_of, required=value is None, firm=True, whole=whole,
    )  # fmt: skip


RUN: Final[dict[str, Record]] = {
    "opening": _setting(
        "起始年 (期初存量所在收入年度)", "opening: income year whose end the run starts from", "year", None, 1980, 2100
    ),
    "years": _setting("模拟年数", "income years simulated after the opening", "count", 5, 1, 60),
    "replicates": _setting("重复次数", "replicates", "count", 200, 1, 1_000_000),
    "draws": _setting(
        "参数抽样组数 (0 为参数固定；各次重复轮流使用)",
        "draws of the uncertain parameters (0: held); replicates take turns with them",
        "count",
        40,
        0,
        100_000,
    ),
    "fit": _setting(
        "校准所得参数组 (data/fits 下的名称或文件；空为按各参数的分布抽取)",
        "fit whose draws are used (a name under data/fits, or a file; empty: drawn from the stated distributions)",
        "text",
        "",
    ),
    "seed": _setting("随机种子", "seed", "seed", 2016),
    "scope": _setting(
        "模拟范围 (all 全部农户; registered 建档立卡户)",
        "who is simulated: all farm households, or registered ones",
        "code",
        "all",
        one_of=SCOPES,
    ),
    "threads": _setting("线程数 (0 为全部核心)", "threads (0: one per core)", "count", 0, 0, 1024),
}
# In the place of a number of replicates: as many as it takes until the mean of a number is known to within so much.
STATISTICS: Final[dict[str, str]] = {  # what may be asked for, with its unit; simulation.precision says how each is read
    "exits_households": "households",
    "exits_persons": "persons",
    "poor_households": "households",
    "poor_persons": "persons",
    "falls_households": "households",
    "public_yuan": "yuan",
}
LEAST_REPLICATES: Final = 20  # with fewer an interval is only a hint
UNTIL: Final[dict[str, Record]] = {
    "until": _setting(
        "要算准的数 (exits 脱贫; poor 年末在册; falls 脱贫后自身收入又跌破标准; public 财政支出)",
        "number whose mean is wanted: who leaves, who is left, whose own income falls again, public spending",
        "code",
        None,
        one_of=tuple(STATISTICS),
    ),
    "year": _setting("哪一年的数", "its year", "year", None, 1980, 2200),
    "within": _setting("平均数的90%置信区间不宽于", "greatest width of the 90% confidence interval of its mean", "-", None, 1e-9),
    "most": _setting("最多重复次数", "most replicates", "count", 1000, LEAST_REPLICATES, 1_000_000),
}
PLAN: Final[dict[str, Record]] = {
    "targets": _setting("年度减贫计划人数", "persons planned to leave, by year", "persons", None, whole=True),
    "reported": _setting(
        "无计划可查年份的上报脱贫人数 (回测时按此限额)",
        "persons reported out in years without a published plan",
        "persons",
        None,
        whole=True,
    ),
    "finish_year": _setting("收官年 (全部脱贫的年份)", "year by whose end nobody is left behind", "year", None, 1980, 2100),
}
FRAME: Final[dict[str, Record]] = {
    "order": _setting("受益次序", "order of service", "code", "poorest", one_of=ORDERS),
    "budget": _setting("年度预算", "yearly budget", "yuan/year", None, 0),
    "take_up": _setting("参与率", "probability that one who is offered it takes it", "share", 1.0, 0, 1),
    "until": _setting("新增受益的最后年份", "last year of new holders", "year", None, 1980, 2200),
    "kept_until": _setting("脱贫后保留至", "year until which it is kept after exit", "year", None, 1980, 2200),
    "ends": _setting("停止支持的年份（建成的留下）", "first year without support; what is built stays", "year", None, 1980, 2200),
}
QUOTA: Final[dict[str, Record]] = {
    unit: _setting(zh, en, "count" if unit == "posts" else unit if unit != "kw" else "kW", None, 0, whole=unit != "kw")
    for unit, zh, en in (
        ("households", "名额 (户)", "quota of households"),
        ("persons", "名额 (人)", "quota of persons"),
        ("posts", "名额 (岗位)", "quota of posts"),
        ("kw", "名额 (千瓦)", "quota of kW"),
    )
}
PER_RECORD: Final[Record] = _setting(
    "名额口径 (all 全部; village 每村)", "the quota holds for all, or for each village", "code", "all", one_of=PER
)
START: Final[dict[str, Record]] = {
    "year": _setting("开始年份 (收入年度)", "first income year", "year", None, 1980, 2100),
    "month": _setting(
        "开始月份 (收入年度第几月, 1 为上年10月)",
        "month of the income year from which it counts (1: October before)",
        "month of the year",
        1,
    ),
}
