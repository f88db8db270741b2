"""Owns: the only list of table columns, code lists, income items, expenditure items and ledger flows, and an id that all
rooms know.
Never: reads a file or holds a number from a document (params/, data/)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import Final

# --- code lists ------------------------------------------------------------------------------------------


class Status(IntEnum):
    """Registry status of a household."""

    GENERAL = 0  # 一般农户
    POOR = 1  # 未脱贫
    EXITED = 2  # 脱贫
    RETURNED = 3  # 返贫
    REMOVED = 4  # 清退: left the register, lives on as a general household
    GONE = 5  # 整户销户: nobody is left


class Era(IntEnum):
    """What is an event of the register, by year (assessment.transition_from, assessment.regular_from)."""

    CAMPAIGN = 0  # 脱贫攻坚期: 识别, 补录, 清退, 脱贫, 返贫, 自然变更; late in it monitoring beside them
    TRANSITION = 1  # 过渡期: 纳入, 帮扶消除, 自然消除, 再次纳入; exit and return are closed
    REGULAR = 2  # 常态化帮扶: the same, of one class


class Monitoring(IntEnum):
    """Monitoring status, beside ``Status`` (from 2020)."""

    NONE = 0
    UNSTABLE = 1  # 脱贫监测户 / 脱贫不稳定户
    MARGINAL = 2  # 边缘户 / 边缘易致贫户
    SUDDEN = 3  # 突发严重困难户
    CLEARED = 4  # 风险消除
    AT_RISK = 5  # 防止返贫致贫对象: the one class of the regular era, whatever its origin


class Channel(IntEnum):
    """How a household at risk is found."""

    DEPARTMENT = 0  # 部门预警
    VILLAGE = 1  # 干部走访排查
    APPLICATION = 2  # 农户自主申报


class Layer(IntEnum):
    """Layers of those with low income, the neediest first (低收入人口分层)."""

    NONE = 0
    TEKUN = 1  # 特困
    DIBAO = 2  # 低保
    MARGIN = 3  # 低保边缘
    RIGID = 4  # 刚性支出困难


class Category(IntEnum):
    """户类型."""

    ORDINARY = 0  # 一般农户
    POOR = 1  # 一般贫困户
    DIBAO = 2  # 低保户
    TEKUN = 3  # 五保户 / 特困供养户


class Cause(IntEnum):
    """Main cause of poverty (主要致贫原因), and of return."""

    NONE = 0
    ILLNESS = 1
    DISABILITY = 2
    SCHOOLING = 3
    DISASTER = 4
    LAND = 5
    WATER = 6
    SKILL = 7
    FUNDS = 8
    LABOUR = 9
    TRANSPORT = 10
    WILL = 11
    MARRIAGE = 12
    OTHER = 13
    JOB_LOSS = 14
    ENTERPRISE = 15
    GUARANTEE = 16
    MEASURE_ENDED = 17
    MORE_MOUTHS = 18
    DEATH = 19


class Sex(IntEnum):
    MALE = 0
    FEMALE = 1


class Relation(IntEnum):
    HEAD = 0
    SPOUSE = 1
    CHILD = 2
    CHILD_IN_LAW = 3
    GRANDCHILD = 4
    PARENT = 5
    OTHER = 6


class Schooling(IntEnum):
    """Highest education finished (文化程度)."""

    ILLITERATE = 0
    PRIMARY = 1
    JUNIOR = 2
    SENIOR = 3
    COLLEGE = 4


class Stage(IntEnum):
    """School stage attended now (在校生状况)."""

    NONE = 0
    KINDERGARTEN = 1
    COMPULSORY = 2
    SENIOR = 3
    COLLEGE = 4


class Health(IntEnum):
    HEALTHY = 0
    CHRONIC = 1
    SERIOUS = 2
    DISABLED = 3


class Capacity(IntEnum):
    """Labour capacity (劳动能力)."""

    NONE = 0  # 无劳动力 (children, students, the old)
    LOST = 1  # 丧失劳动力
    WEAK = 2  # 弱劳动力或半劳动力
    ORDINARY = 3  # 普通劳动力
    SKILLED = 4  # 技能劳动力


class Work(IntEnum):
    """Where a person works for pay."""

    NONE = 0
    LOCAL = 1
    AWAY = 2
    WORKSHOP = 3
    POST = 4


class Route(IntEnum):
    """By what a household left (脱贫路径): the measures, or the kind of measure, that carried it over the line."""

    INDUSTRY_AND_JOBS = 0  # 发展生产和促进就业
    RELOCATION = 1  # 易地搬迁
    EDUCATION = 2  # 发展教育
    SAFETY_NET = 3  # 社会保障兜底


class Departure(IntEnum):
    """Why a person no longer belongs to the household."""

    HERE = 0
    DIED = 1
    MARRIED_OUT = 2
    MOVED_OUT = 3
    EMPTY = 4  # a place in the arrays that nobody has taken yet


# --- table columns ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Column:
    """One column of a table: the row of the data dictionary.

    Attributes
    ----------
    name : str
        Column name, English.
    dtype : str
        NumPy dtype name, or ``"str"``.
    unit : str
        Unit, ``"-"`` where there is none, ``"code"`` for a code list.
    zh, en : str
        Label for people.
    codes : type[IntEnum] or None
        The code list of a coded column.
    low, high : float or None
        Least and greatest value allowed.
    """

    name: str
    dtype: str
    unit: str
    zh: str
    en: str
    codes: type[IntEnum] | None = None
    low: float | None = None
    high: float | None = None


VILLAGES: Final[tuple[Column, ...]] = (
    Column("village_id", "str", "-", "村编号", "village id"),
    Column("name", "str", "-", "村名", "village name"),
    Column("township", "str", "-", "乡镇", "township"),
    Column("farm_households", "int64", "households", "农业户数", "farm households", low=0),
    Column("farm_persons", "int64", "persons", "农业人口", "farm population", low=0),
    Column("poor_village", "bool", "-", "贫困村", "poor village"),
    Column("collective_income", "float64", "yuan/year", "村集体经济收入", "collective income", low=0, high=1e9),
    Column("leading_trade", "bool", "-", "主导产业已认定", "leading trade certified"),
    Column("water_ok", "bool", "-", "安全饮水达标", "safe water supplied"),
    Column("road_ok", "bool", "-", "通硬化路", "paved road"),
    Column("clinic_ok", "bool", "-", "卫生室达标", "clinic"),
    Column("year_out", "int32", "year", "出列年份 (0 未出列)", "year the village exited (0: not yet)", low=0),
)

HOUSEHOLDS: Final[tuple[Column, ...]] = (
    Column("household_id", "str", "-", "户代号", "household pseudonym"),
    Column("draw_id", "uint64", "-", "随机数身份号", "identity for draws"),
    Column("village", "int32", "row of villages", "所在村", "village", low=0),
    Column("status", "int8", "code", "贫困状态", "registry status", Status),
    Column("monitoring", "int8", "code", "监测状态", "monitoring status", Monitoring),
    Column("category", "int8", "code", "户类型", "household category", Category),
    Column("cause", "int8", "code", "主要致贫原因", "main cause of poverty", Cause),
    Column("cause_2", "int8", "code", "其他致贫原因", "other cause of poverty", Cause),
    Column("year_identified", "int32", "year", "识别年份 (0 无)", "year identified (0: never)", low=0),
    Column("year_exited", "int32", "year", "脱贫年份 (0 无)", "year of exit (0: never)", low=0),
    Column("year_returned", "int32", "year", "返贫年份 (0 无)", "year of return (0: never)", low=0),
    Column("land_mu", "float64", "mu", "耕地面积", "farmland", low=0, high=500),
    Column("forest_mu", "float64", "mu", "林地面积", "forest", low=0, high=2000),
    Column("house_safe", "bool", "-", "住房安全", "house safe"),
    Column("water_safe", "bool", "-", "饮水安全", "drinking water safe"),
    Column("relocated", "bool", "-", "易地搬迁户", "relocated"),
    Column("resettled", "bool", "-", "库区移民户", "resettled from a reservoir"),
    Column("pv_linked", "bool", "-", "光伏扶贫户", "linked to a PV station"),
    Column("income_wage", "float64", "yuan/year", "上年工资性收入", "wage income, last year", low=0, high=1e9),
    Column(
        "income_operating", "float64", "yuan/year", "上年生产经营性净收入", "operating income, net, last year", low=-1e9, high=1e9
    ),
    Column("income_property", "float64", "yuan/year", "上年财产性收入", "property income, last year", low=0, high=1e9),
    Column("income_transfer", "float64", "yuan/year", "上年转移性收入", "transfer income, last year", low=0, high=1e9),
    Column("synthetic", "bool", "-", "合成数据", "synthetic row"),
)

PERSONS: Final[tuple[Column, ...]] = (
    Column("household", "int32", "row of households", "所在户", "household", low=0),
    Column("slot", "int16", "-", "户内序号", "number within the household", low=0, high=255),
    Column("relation", "int8", "code", "与户主关系", "relation to head", Relation),
    Column("sex", "int8", "code", "性别", "sex", Sex),
    Column("birth_year", "int32", "year", "出生年份", "birth year", low=1890),
    Column("schooling", "int8", "code", "文化程度", "education finished", Schooling),
    Column("stage", "int8", "code", "在校阶段", "school stage attended", Stage),
    Column("health", "int8", "code", "健康状况", "health", Health),
    Column("disability_grade", "int8", "grade 0 to 4", "残疾等级 (0 无)", "disability grade (0: none)", low=0, high=4),
    Column("capacity", "int8", "code", "劳动能力", "labour capacity", Capacity),
    Column("work", "int8", "code", "务工状况", "paid work", Work),
    Column("months", "float64", "months/year", "务工月数", "months worked last year", low=0, high=12),
    Column("wage_month", "float64", "yuan/month", "月工资", "monthly wage", low=0, high=1e7),
    Column("ever_worked", "bool", "-", "曾务工", "has ever been in paid work"),
    Column("resident", "bool", "-", "常住", "lives at home"),
    Column("dibao", "int8", "class 0 to 3", "低保类别 (0 无; 1-3 为 A-C)", "dibao class (0: none)", low=0, high=3),
    Column("tekun", "int8", "0 no, 1 dispersed, 2 institution", "特困供养", "tekun support", low=0, high=2),
    Column("insured", "bool", "-", "参加医疗保险", "has medical insurance"),
    Column("pension", "bool", "-", "领取养老金", "draws a basic pension"),
)

TABLES: Final[dict[str, tuple[Column, ...]]] = {
    "villages": VILLAGES,
    "households": HOUSEHOLDS,
    "persons": PERSONS,
}

# --- income account --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Item:
    """One item of the income account.

    ``registry``, ``means`` and ``reference`` say whether it counts in the income that judges exit and return, in the
    低保 test, and in the reference income of monitoring.
    """

    name: str
    source: str  # wage, operating, property, transfer
    zh: str
    en: str
    registry: bool = True
    means: bool = True
    reference: bool = True


# The order is the row order of ``State.items``. A kind pays into one of these; it never invents one.
ITEMS: Final[tuple[Item, ...]] = (
    Item("wage_local", "wage", "本地务工", "local wages"),
    Item("wage_away", "wage", "外出务工", "wages away"),
    Item("wage_workshop", "wage", "扶贫车间", "workshop wages"),
    Item("wage_post", "wage", "公益性岗位", "public posts"),
    Item("wage_other", "wage", "其他工资", "other wages"),
    Item("farm", "operating", "自家种养", "ordinary farming"),
    Item("industry", "operating", "产业项目", "industry projects"),
    Item("business", "operating", "小生意", "small business"),
    Item("pv_dividend", "property", "光伏分红", "PV dividends"),
    Item("asset_share", "property", "资产收益", "asset shares"),
    Item("collective_share", "property", "集体收益分配", "collective shares"),
    Item("rent", "property", "土地流转", "rent of land"),
    Item("pension", "transfer", "基础养老金", "basic pension", means=False),
    Item("dibao", "transfer", "低保金", "dibao", means=False),
    Item("tekun", "transfer", "特困供养金", "tekun support", means=False),
    Item("relief", "transfer", "临时救助", "temporary relief", registry=False, means=False),
    Item("award", "transfer", "产业奖补", "industry awards"),
    Item("ecology", "transfer", "生态补偿", "ecological compensation"),
    Item("resettlement", "transfer", "移民直补", "resettlement support", means=False),
    Item("support_children", "transfer", "赡养费", "support by children"),
    Item("allowance", "transfer", "津贴补贴", "allowances", means=False),
    Item("other_transfer", "transfer", "其他转移性收入", "other transfers"),
    Item("donation", "transfer", "捐赠", "donations", registry=False, means=False, reference=False),
)
SOURCES: Final[tuple[str, ...]] = ("wage", "operating", "property", "transfer")

# Rigid expenditure (刚性支出), rows of ``State.spent``: own-paid bills, and debt service (偿债) borne out of the household's own.
# Registry income knows no repayment, as a loan is no income; whether it counts in monitoring is ``assessment.debt_counts``.
EXPENSES: Final[tuple[str, ...]] = ("medical_acute", "medical_chronic", "schooling", "repair", "debt")

# --- ledger ----------------------------------------------------------------------------------------------

LEDGER: Final[tuple[str, ...]] = (
    "opening",
    "identified",
    "returned",
    "births",
    "arrivals",
    "exited",
    "removed",
    "deaths",
    "departures",
    "closing",
)
LEDGER_SIGN: Final[dict[str, int]] = {
    "opening": 1,
    "identified": 1,
    "returned": 1,
    "births": 1,
    "arrivals": 1,
    "exited": -1,
    "removed": -1,
    "deaths": -1,
    "departures": -1,
    "closing": -1,
}
UNITS: Final[tuple[str, ...]] = ("households", "persons")

# What a household that is still poor at the end of a year lacks: income over the line, one of the guarantees, a measure ever
# delivered; or nothing of these but leave to go: new or returned this year, 特困 not yet let go, no room in the plan.
LACKS: Final[tuple[str, ...]] = ("income", "house", "water", "school", "insurance", "measure", "waiting")

WITHOUT: Final = "without"  # id of the scenario without any measure, that a run is laid beside
