"""Owns: the contract of the tables that a run leaves: rows, columns, units, words.
Never: holds a result (results.results) or computes one (engine)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from povsim.core.schema import LEDGER, Category, Cause, Column, Status


@dataclass(frozen=True)
class Table:
    """One table of a run.

    Attributes
    ----------
    name : str
        Name of the table and stem of its Parquet file.
    zh, en : str
        Title for people.
    row : str
        What a row is.
    keys : tuple of str
        Columns that name a row; no two rows share them.
    columns : tuple of Column
        Columns in order. A name that ends in ``<year>`` stands for one column per simulated year, one in ``<measure>`` for one
        per measure.
    """

    name: str
    zh: str
    en: str
    row: str
    keys: tuple[str, ...]
    columns: tuple[Column, ...]

    def column(self, name: str) -> Column | None:
        """Look up the column of that name, ``income_2018`` being one of ``income_<year>``; None where there is none."""
        found = self._single.get(name)
        return found or next((column for pattern, column in self._several if pattern.fullmatch(name)), None)

    @cached_property
    def _single(self) -> dict[str, Column]:
        return {column.name: column for column in self.columns}

    @cached_property
    def _several(self) -> list[tuple[re.Pattern[str], Column]]:
        return [(re.compile(_pattern(column.name)), column) for column in self.columns if column.name.endswith(">")]

    @property
    def fixed(self) -> tuple[str, ...]:
        """Names of the columns that are always there."""
        return tuple(column.name for column in self.columns if not column.name.endswith(">"))


_MANY: Final = {"<year>": r"\d{4}", "<measure>": r"\w+"}


def _pattern(name: str) -> str:
    """What the columns of a name look like: ``income_2018`` is one of ``income_<year>``."""
    stem, mark, _ = name.partition("<")
    return re.escape(stem) + _MANY[name.removeprefix(stem)] if mark else re.escape(name)


def _int(name: str, unit: str, zh: str, en: str) -> Column:
    return Column(name, "int64", unit, zh, en, low=0)


def _real(name: str, unit: str, zh: str, en: str) -> Column:
    return Column(name, "float64", unit, zh, en)


def _share(name: str, zh: str, en: str) -> Column:
    return Column(name, "float64", "share", zh, en, low=0.0, high=1.0)


def _text(name: str, zh: str, en: str) -> Column:
    return Column(name, "str", "-", zh, en)


_YEAR: Final = Column("year", "int64", "year", "年度", "income year", low=1900, high=2200)
_REPLICATE: Final = _int("replicate", "-", "重复序号", "replicate")
_RUN: Final = (_YEAR, _REPLICATE)
_UNIT: Final = _text("unit", "单位 (户、人)", "unit (households, persons)")

_FLOWS: Final[dict[str, tuple[str, str]]] = {
    "opening": ("年初数", "opening"),
    "identified": ("新识别", "identified"),
    "returned": ("返贫", "returned"),
    "births": ("出生", "births"),
    "arrivals": ("迁入婚入", "arrivals"),
    "exited": ("脱贫", "exited"),
    "removed": ("清退", "removed"),
    "deaths": ("死亡销户", "deaths"),
    "departures": ("迁出婚出", "departures"),
    "closing": ("年末数", "closing"),
}
_LACKS: Final[dict[str, tuple[str, str]]] = {
    "income": ("收入不到标准", "income under the line"),
    "house": ("住房不安全", "no safe house"),
    "water": ("饮水不安全", "no safe water"),
    "school": ("义务教育阶段失学", "a child of school age out of school"),
    "insurance": ("有人未参加医保", "a member without medical insurance"),
    "measure": ("未享受帮扶措施", "no measure delivered"),
    "waiting": ("条件已具备，须等待退出", "nothing else; it may not leave yet"),
}

_TABLES: Final[tuple[Table, ...]] = (
    Table(
        "ledger",
        "台账",
        "ledger",
        "year x replicate x unit",
        ("year", "replicate", "unit"),
        (*_RUN, _UNIT, *(_int(flow, "households or persons", *_FLOWS[flow]) for flow in LEDGER)),
    ),
    Table(
        "registry_accounts",
        "在册各类存量",
        "other stocks of the registry",
        "year x replicate x unit x stock",
        ("year", "replicate", "unit", "stock"),
        (
            *_RUN,
            _UNIT,
            _text("stock", "存量", "stock"),
            _int("opening", "households or persons", "年初数", "opening"),
            _int("inflow", "households or persons", "增加", "inflow"),
            _int("outflow", "households or persons", "减少", "outflow"),
            Column("natural", "int64", "households or persons", "自然变更 (净增为正)", "natural change (a net gain is above 0)"),
            _int("closing", "households or persons", "年末数", "closing"),
        ),
    ),
    Table(
        "exits",
        "脱贫",
        "exits",
        "year x replicate",
        ("year", "replicate"),
        (
            *_RUN,
            _int("qualified_households", "households", "达标户数 (计划限额前)", "households that qualify before any cap"),
            _int("qualified_persons", "persons", "达标人数 (计划限额前)", "persons who qualify before any cap"),
            _int("qualified_without_topup_households", "households", "不计低保补差的达标户数", "households without top-up"),
            _int("qualified_without_topup_persons", "persons", "不计低保补差的达标人数", "persons without top-up"),
            _int("exited_households", "households", "脱贫户数", "households that left"),
            _int("exited_persons", "persons", "脱贫人数", "persons who left"),
            _int("by_status_households", "households", "按特困身份脱贫户数", "left by tekun status"),
            _int("by_obligation_households", "households", "兜底保障脱贫户数", "left by the obligation to cover all"),
            _int("smaller_n_households", "households", "主要因人口减少脱贫户数", "left mainly because the household shrank"),
            _int("wrong_exits", "households", "错退户数", "wrong exits"),
            _int("target_persons", "persons", "计划脱贫人数 (0 无计划)", "planned exits (0: no plan)"),
        ),
    ),
    Table(
        "routes",
        "脱贫路径",
        "routes of exit",
        "year x replicate x route",
        ("year", "replicate", "route"),
        (
            *_RUN,
            _text("route", "路径", "route"),
            _int("households", "households", "脱贫户数", "households that left"),
            _int("persons", "persons", "脱贫人数", "persons who left"),
        ),
    ),
    Table(
        "returns",
        "返贫",
        "returns",
        "year x replicate",
        ("year", "replicate"),
        (
            *_RUN,
            _int("exited_stock_households", "households", "已脱贫户存量", "stock of exited households"),
            _int("exited_stock_persons", "persons", "已脱贫人口存量", "stock of exited persons"),
            _int("below_before_net", "households", "兜底前收入低于线", "income before the safety net under the line"),
            _int("below_line", "households", "收入低于线", "income under the line"),
            _int("below_or_guarantee", "households", "收入低于线或保障丧失", "income under the line or a guarantee lost"),
            _int("registered", "households", "登记返贫", "registered return"),
        ),
    ),
    Table(
        "spells",
        "脱贫后追踪",
        "life after exit",
        "replicate x exit year x years since exit",
        ("replicate", "exit_year", "years_since"),
        (
            _REPLICATE,
            Column("exit_year", "int64", "year", "首次脱贫年份", "year of first exit", low=1900, high=2200),
            _int("years_since", "years", "脱贫后年数", "years since exit"),
            _int("followed", "households", "追踪户数", "households followed"),
            _int(
                "followed_own",
                "households",
                "其中退出时兜底前收入达标户数",
                "of these, above the line on their own income",
            ),
            _int(
                "fell_before_net",
                "households",
                "累计：后者兜底前收入低于线",
                "fallen so far, of the latter: own income",
            ),
            _int("fell_line", "households", "累计：收入低于线", "fallen so far: income"),
            _int("fell_survey", "households", "累计：收入低于线或保障丧失", "fallen so far: income or a guarantee"),
            _int("fell_registered", "households", "累计：登记返贫", "fallen so far: registered"),
        ),
    ),
    Table(
        "return_causes",
        "返贫原因",
        "causes of return",
        "year x replicate x cause",
        ("year", "replicate", "cause"),
        (
            *_RUN,
            Column("cause", "int64", "code", "原因", "cause", Cause),
            _int("households", "households", "兜底前收入跌破线的户数", "households whose income before the safety net fell"),
            _int("registered", "households", "登记返贫户数", "households registered as returned"),
        ),
    ),
    Table(
        "indicators",
        "收入与贫困指标",
        "income and poverty",
        "year x replicate x group",
        ("year", "replicate", "group"),
        (
            *_RUN,
            _text("group", "人群 (在册、全部农户、光伏户)", "group (registered, farm, pv)"),
            _int("households", "households", "户数", "households"),
            _int("persons", "persons", "人数", "persons"),
            _int("above_households", "households", "收入在线上的户数", "households at or above the line"),
            _share("headcount", "贫困发生率 (收入)", "headcount ratio (income)"),
            _share("gap", "贫困深度指数", "poverty gap index"),
            _share("severity", "贫困强度指数", "squared poverty gap index"),
            _real("gini", "share", "基尼系数", "Gini coefficient"),
            _real("mean", "yuan/person/year", "人均纯收入均值", "mean income per head"),
            _real("median", "yuan/person/year", "人均纯收入中位数", "median income per head"),
            *(_real(f"p{q}", "yuan/person/year", f"第 {q} 百分位", f"percentile {q}") for q in range(10, 100, 10)),
            _real("wage", "yuan/person/year", "工资性收入", "wage income per head"),
            _real("operating", "yuan/person/year", "生产经营性净收入", "operating income per head"),
            _real("property", "yuan/person/year", "财产性收入", "property income per head"),
            _real("transfer", "yuan/person/year", "转移性收入", "transfer income per head"),
            _share("in_wage_work", "务工人员占比", "share of persons in paid work"),
            _share("on_safety_net", "低保特困户人口占比", "share of persons in households on dibao or tekun"),
        ),
    ),
    Table(
        "spending",
        "帮扶支出",
        "spending on measures",
        "year x replicate x measure",
        ("year", "replicate", "measure"),
        (
            *_RUN,
            _text("measure", "措施", "measure"),
            _int(
                "holders",
                "households or villages",
                "享受户数 (由村持有的为村数)",
                "households that have it (villages, where villages do)",
            ),
            _int("new_holders", "households", "当年新增户数", "households that are new to it"),
            _int(
                "newly_served",
                "households or persons",
                "当年新增 (个人享受的按人数，其余按户数)",
                "newly served (persons, where persons hold it)",
            ),
            _int(
                "unmet",
                "households or persons",
                "符合条件而未享受 (个人享受的按人数，其余按户数)",
                "eligible, not served (persons, where persons hold it)",
            ),
            _real(
                "quota_used",
                "households, persons, posts or kW",
                "用去的名额 (按名额的单位，各村合计；岗位含原有的，其余只计新增；无名额为 0)",
                "used of the quota, in its unit, all villages together (posts with those held before; 0: no quota)",
            ),
            _real("cash", "yuan", "发放现金", "cash to holders"),
            _real("kind_value", "yuan", "实物", "value in kind"),
            _real("village", "yuan", "留村资金", "what stays with the village"),
            _real("overhead", "yuan", "管理费用", "overhead"),
            _real("repaid", "yuan", "归还", "repaid"),
            _int("jobs", "persons", "就业岗位", "jobs"),
            _real("from_village", "yuan", "其中出自村集体收益", "of it, out of the villages' proceeds"),
            _real(
                "crowded_out",
                "yuan",
                "当年复核时因其收入少定的低保金 (只计复核后各月)",
                "dibao that its income took off at the year's re-check, for the months after it",
            ),
        ),
    ),
    Table(
        "villages",
        "各村",
        "villages",
        "year x village",
        ("year", "village"),
        (
            _YEAR,
            _int("village", "row of villages", "村", "village"),
            _text("name", "村名", "village name"),
            *(
                _real(f"{name}{end}", unit, f"{zh} ({word_zh})", f"{en} ({word_en})")
                for name, unit, zh, en in (
                    ("poor_households", "households", "未脱贫户数", "poor households"),
                    ("poor_persons", "persons", "未脱贫人数", "poor persons"),
                    ("incidence", "share", "贫困发生率", "incidence"),
                    ("collective_income", "yuan/year", "村集体经济收入", "collective income"),
                )
                for end, word_zh, word_en in (("", "均值", "mean"), ("_low", "下限", "low"), ("_high", "上限", "high"))
            ),
            _share(
                "p_exited",
                "已出列概率 (各次模拟中已出列的占比，本身即概率，故无区间；非贫困村为空)",
                "probability of having exited: a share of replicates, so that it has no interval (blank: no poor village)",
            ),
        ),
    ),
    Table(
        "lacking",
        "未脱贫户缺什么",
        "what those still poor lack",
        "year x replicate x lack",
        ("year", "replicate", "lack"),
        (
            *_RUN,
            _text("lack", "所缺", "lack"),
            _int("households", "households", "年末未脱贫户中缺此项的户数", "households still poor that lack it"),
        ),
    ),
    Table(
        "monitoring",
        "防返贫监测",
        "monitoring",
        "year x replicate",
        ("year", "replicate"),
        (
            *_RUN,
            _int("entered", "households", "纳入监测", "entered"),
            _int("entered_again", "households", "其中再次纳入", "of these, cleared before"),
            _int("passed_over", "households", "其中攻坚期末未脱贫转入", "of these, still poor when the campaign ended"),
            _int("by_department", "households", "其中部门预警发现", "of these, found by a department's alert"),
            _int("by_village", "households", "其中走访排查发现", "of these, found by a village check"),
            _int("by_application", "households", "其中自主申报发现", "of these, by their own application"),
            _int("cleared", "households", "帮扶消除", "cleared by support"),
            _int("cleared_naturally", "households", "自然消除", "cleared by nature: nobody is left"),
            _int("monitored", "households", "监测中", "monitored"),
            _int("unstable", "households", "脱贫不稳定户", "unstable (by origin)"),
            _int("marginal", "households", "边缘易致贫户", "marginal (by origin)"),
            _int("sudden", "households", "突发严重困难户", "sudden (by origin)"),
            _int("at_risk", "households", "防止返贫致贫对象 (常态化帮扶)", "of the one class of the regular era"),
            _int("missed", "households", "漏监测", "missed"),
            _real("delay_months", "months", "发现时滞均值 (无纳入为 0)", "mean delay from event to entry (0: none entered)"),
        ),
    ),
    Table(
        "layers",
        "低收入分层",
        "layers of low income",
        "year x replicate x layer",
        ("year", "replicate", "layer"),
        (
            *_RUN,
            _text("layer", "层次", "layer"),
            _int("households", "households", "户数", "households"),
            _int("persons", "persons", "人数", "persons"),
            _int("monitored", "households", "其中监测户", "of these, monitored"),
        ),
    ),
    Table(
        "evaluation",
        "评估",
        "evaluation",
        "year x replicate",
        ("year", "replicate"),
        (
            *_RUN,
            _int("wrong_exits", "households", "错退户数", "wrong exits"),
            _int("missed_households", "households", "漏评户数", "missed households"),
            _int("wrong_inclusions", "households", "错评户数", "wrong inclusions"),
            _int("late_registered", "households", "补录户数", "registered late: missed the year before"),
            _int("missed_target", "households", "攻坚期末仍未脱贫户数", "still poor when the campaign has ended"),
            _share("coverage", "帮扶覆盖率", "coverage of measures"),
        ),
    ),
    Table(
        "households",
        "各户",
        "households",
        "household registered at the start or ever",
        ("household_id",),
        (
            _text("household_id", "户代号", "household pseudonym"),
            _int("village", "row of villages", "村", "village"),
            _int("size", "persons", "家庭人口", "household size"),
            Column("category", "int64", "code", "户类型", "category", Category),
            Column("status", "int64", "code", "期初状态", "status at the start", Status),
            _share("p_exit_<year>", "当年首次脱贫概率", "probability of first exit in the year"),
            _share("p_never", "期内未脱贫概率", "probability of no exit"),
            _share("p_removed", "被清退概率", "probability of removal"),
            _share("p_gone", "销户概率", "probability that nobody is left"),
            _real("median_exit_year", "year", "脱贫年份中位数 (不计清退、销户)", "median exit year (removed and gone apart)"),
            _real("low_exit_year", "year", "脱贫年份下限 (5%)", "early exit year (5%)"),
            _real("high_exit_year", "year", "脱贫年份上限 (95%)", "late exit year (95%)"),
            *(_share(f"lacks_{lack}", f"首年末未脱贫时：{zh}", f"poor after a year: {en}") for lack, (zh, en) in _LACKS.items()),
            _real("gap", "yuan/person/year", "首年末未脱贫时距脱贫线", "poor after a year: short of the line by"),
            _share("held_<measure>", "期内享受该措施的概率", "probability of having the measure"),
            *(_share(f"p_return_{k}", f"脱贫后 {k} 年内返贫概率", f"probability of return within {k} years") for k in (1, 2, 3)),
            Column("cause", "int64", "code", "主要返贫原因", "main cause of return", Cause),
            _real("income_<year>", "yuan/person/year", "当年预期人均纯收入", "expected income per head in the year"),
            _real("to_line", "yuan/person/year", "距脱贫线", "distance to the line"),
        ),
    ),
)
TABLES: Final[dict[str, Table]] = {table.name: table for table in _TABLES}

REPORTED: Final = Table(
    "reported",
    "上报数",
    "reported figures",
    "reported year",
    ("year",),
    (
        _YEAR,
        _real("opening_households", "households", "年初户数", "opening, households"),
        _real("identified_households", "households", "新识别户数", "identified, households"),
        _real("returned_households", "households", "返贫户数", "returned, households"),
        _real("removed_households", "households", "清退户数", "removed, households"),
        _real("exited_households", "households", "脱贫户数", "exited, households"),
        _real("exited_persons", "persons", "脱贫人数", "exited, persons"),
        _real("closing_households", "households", "年末户数", "closing, households"),
        _real("closing_persons", "persons", "年末人数", "closing, persons"),
    ),
)
