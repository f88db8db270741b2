"""Owns: a page for each kind of measure, docs/kinds/<kind>.md, made of its module, its parameters and its cases; its Chinese
twin for planners, <kind>.zh.md, of what it does in a sentence and its parameters; the frame that all measures share.
Never: says what these do not say, but for the sentence; a page is never edited by hand.

    python tools/kind_pages.py        # after a kind, its parameters or its cases have changed
"""

from __future__ import annotations

import ast
import inspect
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any, Final

from ruamel.yaml import YAML

from povsim.core.params import FIELDS, UNITS, kind_records, shell
from povsim.core.params.record import Record
from povsim.core.params.records import bound
from povsim.core.params.tree import flow, read
from povsim.core.schema import ITEMS
from povsim.policy.kind import CHANNELS, Kind, shipped

ROOT: Final = Path(__file__).resolve().parent.parent
PAGES: Final = ROOT / "docs" / "kinds"
HOOKS: Final = ("fits", "adopts", "begins", "keeps", "costs", "helps", "yields", "shares", "refills", "one_village")
ROUTES: Final = ("industry and jobs", "relocation", "education", "safety net")
MOST: Final = 90  # characters of a default that a cell shows


def page(name: str) -> str:
    """The page of a shipped kind."""
    kind = shipped()[name]
    module = sys.modules[f"povsim.policy.measures.{name}"]
    return "\n".join([*_head(name, kind, module), *_hooks(kind), *_rules(module), *_parameters(name), *_cases(name)]) + "\n"


def index() -> str:
    """The page that lists the kinds."""
    rows = [f"| [`{name}`]({name}.md) | {title_of(name)[0]} | {title_of(name)[1]} |" for name in sorted(shipped())]
    return "\n".join([
        "# Kinds of measures", "", "Made by `python tools/kind_pages.py`; `docs/extending.md` says how to add one.", "",
        "| kind | 中文 | |", "|---|---|---|", *rows, "", "## How values are written", "", *SAID,
    ]) + "\n"  # fmt: skip


def pages() -> dict[Path, str]:
    """Every page, by the file that it belongs in."""
    made = {PAGES / f"{name}.md": page(name) for name in shipped()} | {PAGES / "README.md": index()}
    return made | {PAGES / f"{name}.zh.md": chinese(name) for name in shipped()} | {PAGES / "README.zh.md": chinese_index()}


def main() -> None:
    """Write the pages, and take away those of kinds that are no more."""
    PAGES.mkdir(exist_ok=True)
    made = pages()
    for old in PAGES.glob("*.md"):
        if old not in made:
            old.unlink()
    for path, text in made.items():
        path.write_text(text, encoding="utf-8", newline="\n")
    print(*sorted(path.relative_to(ROOT).as_posix() for path in made), sep="\n")


# --- parts of a page -------------------------------------------------------------------------------------


def title_of(name: str) -> tuple[str, str]:
    """Name of a kind in both languages, as its parameter file has it."""
    tree, _ = read(ROOT / "params" / "kinds" / f"{name}.yaml", name, "default")
    words = tree.items["_file"].items
    return str(words["zh"].value), str(words["en"].value)


def _head(name: str, kind: Kind, module: ModuleType) -> list[str]:
    zh, en = title_of(name)
    facts = [f"held by a {kind.holder}", f"route out of poverty: {ROUTES[kind.route]}"]
    facts += ["a household holds at most one"] if kind.single else []
    facts += ["what was built stays until it ends by itself"] if kind.stays else []
    facts += ["given for one year and asked for anew: after `until` nobody has it"] if kind.anew else []
    facts += (
        ["a fund for losses pays lenders beside its budget; what is shown as used of the budget holds it"]
        if kind.compensates
        else []
    )
    facts += ["has a phase of its own: nothing is allocated"] if kind.apart else []
    facts += [f"pays in cash under: {', '.join(kind.pays)}"] if kind.pays else []
    said = inspect.cleandoc(module.__doc__ or "").splitlines()
    return [
        f"# `{name}`: {en} ({zh})", "", "Made by `python tools/kind_pages.py`; not edited by hand.", "", *said, "",
        *(f"- {fact}" for fact in facts), "",
    ]  # fmt: skip


def _hooks(kind: Kind) -> list[str]:
    found = [(name, getattr(kind, name)) for name in HOOKS if getattr(kind, name) is not None]
    rows = [f"| `{name}` | {_first(hook)} | {', '.join(f'`{one}`' for one in _channels(hook)) or '-'} |" for name, hook in found]
    if not rows:
        return []
    return ["## What it does in a year", "", "| hook | | answers with |", "|---|---|---|", *rows, ""]


def _rules(module: ModuleType) -> list[str]:
    hooks = {getattr(module.KIND, name) for name in HOOKS}
    rules = [f for f in _functions(module) if f not in hooks and not f.__name__.startswith("_")]
    rows = [f"| `{rule.__name__}` | {_first(rule)} |" for rule in rules]
    return ["## Rules", "", "| rule | |", "|---|---|", *rows, ""] if rows else []


def _parameters(name: str) -> list[str]:
    records, _ = kind_records(name)
    lines = [
        "## Parameters", "", "A sourced, B partly, C estimate. ×: a range of factors on the whole value.", "",
        "| parameter | | unit | default | range | role | | source |", "|---|---|---|---|---|---|---|---|",
    ]  # fmt: skip
    for key, record in records.items():
        words = f"{record.name.zh} / {record.name.en}"
        cells = (f"`{key}`", words, record.unit, default_of(record), range_of(record), record.role, record.grade, record.source)
        lines.append("| " + " | ".join(cell(one) for one in cells) + " |")
    return [*lines, ""]


def _cases(name: str) -> list[str]:
    """What its cases hold, by rule, a line for each phrase of the specification."""
    by_rule: dict[str, list[str]] = {}
    for file in sorted((ROOT / "tests" / "cases" / name).glob("*.yaml")):
        for case in YAML(typ="safe").load(file):
            by_rule.setdefault(case["rule"], []).append(case["info"])
    if not by_rule:
        return []
    rows = [f"- `{rule}`: {'; '.join(infos)}" for rule, infos in by_rule.items()]
    return ["## Cases", "", f"Run by `tests/policy/test_kinds.py` from `tests/cases/{name}`.", "", *rows, ""]


# --- in Chinese ------------------------------------------------------------------------------------------

ABOUT: Final = {  # what a planner must know before the parameters; a sentence or two
    "asset_share": "把一笔钱（贷款或财政资金）投进企业，按约定给户分红；企业失败时分红停止，本金按约定由谁承担。",
    "collective": "村里每年按决议分配集体收益：岗位、小型公益事业、奖补、救助，其余留存。各村都有，无须申请；同一年只能有一项。",
    "ecology": "退耕还林还草、公益林：按亩、按年补助；退耕的地不再种原来的作物。护林员岗位在 employment 里。",
    "education": "给在校生的资助（雨露计划、助学金、免学费等）；受资助的较少辍学，学成后工资按学历计。",
    "employment": "公益性岗位、护林员、扶贫车间给岗位；就业服务、技能培训提高找到活的可能；外出务工交通补贴只给钱。",
    "guarantee": "补上所缺的保障：危房改造、饮水（分户或全村）、控辍保学、当年医保；收入是否达标仍由收入决定。"
    "村饮水工程（`form: scheme`）一村一项，`eligible` 里写明是哪个村，造价是一个村的；几个村就写几项。",
    "health": "在基本医保之上：参保补贴、补充报销、年度自付封顶、慢病保障、签约医生；减少刚性支出，不算收入。",
    "industry": "种养、旅游等产业项目：占地、占劳力，若干年后才见效，有价格、天气、企业失败等风险，失败后可能不如不做。",
    "insurance": "防贫综合保险：自付的医疗、上学、房屋等支出超过起付线的部分按比例赔付；赔付不算收入，不算已落实帮扶。",
    "microcredit": "户自己用的小额信贷：贷款、收益、还款、展期、逾期；还款付息是刚性支出。",
    "pv": "光伏电站或屋顶：发电、卖电、补贴拖欠；收益给关联户，或先归村集体再分配（见 collective）。",
    "relocation": "批准后若干月入住新房；自筹款借来分年还清，部分耕地不再耕种，后续扶持期内较易找到活，也可能返迁。",
    "safety_net": "低保、特困、临时救助：按核定收入和身份，无名额、无先后；当年按规定月份审定，从下月起发。",
    "transfer": "按政策发放的补贴：移民直补、残疾人两项补贴、耕地地力补贴、高龄津贴、计生奖扶、赡养协议等。",
}
HOLDS: Final = {"household": "户", "person": "个人", "village": "村"}
ROUTES_ZH: Final = ("发展生产和促进就业", "易地搬迁", "发展教育", "社会保障兜底")
ROLES_ZH: Final = {"constant": "固定", "lever": "方案可设", "uncertainty": "不确定，随机抽取"}
ORDERS_ZH: Final = {
    "poorest": "人均收入最低的先", "largest_gap": "离脱贫标准差额最大的先", "list": "列入当年预脱贫名单的先，再按最穷",
    "lottery": "抽签", "registered": "建档立卡最早的先",
}  # fmt: skip
SAID: Final = (  # how a value is written; the Chinese twin is SAID_ZH
    "- Quotas, budgets and parameters may go by year: `{2017: 260, 2019: 0}`; each year holds until the next.",
    "- What is not written stays as it is by default. A parameter by year takes the place of its default from the first year "
    "that is written: no later year of the default comes back, and years before it stay as they were. "
    "`household_share: {2014: 0.8}` is 0.8 in all years from 2014 on. "
    "(A quota or budget has no default: before its first year it is what it is then.)",
    "- In a table by name, names that are not written stay as they are by default: `grant: {senior: 2000}` changes that alone. "
    "So they do in each year of a table by year: in `{2017: {senior: 1500}, 2018: {college: 5000}}` senior has its default again "
    "from 2018 on.",
    "- A number beyond its range needs a reason, `{value: 900, beyond_range: reason}`; in a table only an entry "
    "ten times its default, or a tenth of it, does (mostly a slip of the unit); the reason goes around the whole: "
    "`{value: {public: 9000}, beyond_range: reason}`. Shares are 0 to 1.",
    "- What a measure writes lies over what `kinds` says of all measures of its kind, as over a default. Between a file and the "
    "one that it extends, and with `-p`, years and names merge one by one; `null` takes one out.",
)
SAID_ZH: Final = (
    "- 名额、预算、参数可按年份写：`{2017: 260, 2019: 0}`，后面的年份沿用前一个。",
    "- 没有写的一律按默认。参数按年份写的，从所写的第一年起只按所写的，默认里以后的年份不再起作用；第一年以前仍按默认。"
    "例如 `household_share: {2014: 0.8}`，2014 年起各年都是 0.8。（名额、预算没有默认，第一年以前也按第一年的。）",
    "- 按名称写的表，没有写的名称按默认：`grant: {senior: 2000}` 只改这一项。表按年份写时，各年也是这样："
    "`{2017: {senior: 1500}, 2018: {college: 5000}}` 里，2018 年起 senior 又回到默认；要沿用就在 2018 年再写一次。",
    "- 超出范围的数要写理由：`{value: 900, beyond_range: 理由}`。表里的数只有比该项默认大到十倍、"
    "小到十分之一以外才要（多半是单位写错），理由写在整个参数外面："
    "`{value: {public: 9000}, beyond_range: 理由}`；比例只限 0 至 1。",
    "- 措施里写的盖在 `kinds` 里对该类型写的之上，同盖在默认之上一样。文件与它 `extends` 的文件之间、`-p` 与文件之间，"
    "按年份、按名称逐项合并；`null` 去掉一项。",
)
FIRST_YEAR_ZH: Final = "模拟的首年"
MADE_ZH: Final = "由 `python tools/kind_pages.py` 生成，不手工修改。"


def chinese(name: str) -> str:
    """The Chinese page of a shipped kind: what it does, what must be known to use it, its parameters."""
    kind, items = shipped()[name], {item.name: item.zh for item in ITEMS}
    facts = [f"由{HOLDS[kind.holder]}享受", f"脱贫途径：{ROUTES_ZH[kind.route]}"]
    facts += ["一户最多享受一项"] if kind.single else []
    facts += ["建成的留下，直到自己到期"] if kind.stays else []
    facts += ["按年申请、按年给：`until` 以后无人再享受"] if kind.anew else []
    facts += ["逾期由风险补偿金代偿，另列资金、不占预算；表中的用去预算和结余含这笔代偿"] if kind.compensates else []
    facts += ["不排队分配：按规定由各年审定"] if kind.apart else []
    facts += ["不计入“已落实帮扶措施”"] if not kind.delivers else []
    facts += [f"现金记入：{'、'.join(items[one] for one in kind.pays)}"] if kind.pays else []
    facts += [f"写了也不起作用、因此不许写：{'、'.join(f'`{one}`' for one in kind.ignores)}"] if kind.ignores else []
    return "\n".join([
        f"# `{name}`：{title_of(name)[0]}", "", f"{MADE_ZH} [英文页]({name}.md)另有机制、规则和算例。", "", ABOUT[name], "",
        *(f"- {fact}" for fact in facts), "", "## 参数", "",
        "等级：A 有出处，B 部分有，C 估计。×：整个取值可乘的倍数范围。出处照录原文。", "",
        *_table_zh(kind_records(name)[0], graded=True), "",
    ])  # fmt: skip


def chinese_index() -> str:
    """The Chinese list of kinds, the frame that all measures share, and the fields of conditions."""
    rows = [f"| [`{name}`]({name}.zh.md) | {title_of(name)[0]} | {ABOUT[name]} |" for name in sorted(shipped())]
    frame = {f"start.{name}": one for name, one in shell.START.items()} | shell.FRAME
    frame |= {f"quota.{name}": one for name, one in shell.QUOTA.items()} | {"quota.per": shell.PER_RECORD}
    fields = [
        f"| `{one.name}` | {one.label.zh} | {'户' if one.of == 'household' else '个人'} | "
        f"{', '.join(f'`{code.name.lower()}`' for code in one.codes) if one.codes else UNITS[one.unit].zh} |"
        for one in FIELDS.values()
    ]
    return "\n".join([
        "# 措施类型", "", MADE_ZH, "", "| 类型 | 名称 | 做什么 |", "|---|---|---|", *rows, "",
        "## 每项措施都可写的", "",
        "除 `kind`、`title` 外都可不写。", "", *SAID_ZH, "",
        *_table_zh(frame, graded=False), "",
        "受益次序 `order`：" + "；".join(f"`{name}` {ORDERS_ZH[name]}" for name in shell.ORDERS) + "。", "",
        "没有写 `quota` 和 `budget` 就没有限制（由村集体收益付的岗位受村里资金限制）。"
        "想要而轮不到的计入“未得”（工作簿“措施供需”一页）。", "",
        "## 条件 `eligible` 可用的字段", "",
        "各条件须同时满足。代码写一个或几个：`status: [poor, returned]`；数写 `\">= 1\"`、`\"< 0.9\"`、`\"between 1 and 3\"`；"
        "符号、数字、冒号都用半角。由户享受而条件是个人的，户里有这样一个人即可。", "",
        "| 字段 | 含义 | 对象 | 可写的值或单位 |", "|---|---|---|---|", *fields,
    ]) + "\n"  # fmt: skip


def _table_zh(records: Mapping[str, Record], *, graded: bool) -> list[str]:
    """Rows of parameters in Chinese; ``graded`` with role, grade and source."""
    heads = ["参数", "含义", "单位", "默认", "范围", *(["性质", "等级", "出处"] if graded else [])]
    lines = [f"| {' | '.join(heads)} |", "|---" * len(heads) + "|"]
    for key, record in records.items():
        unsaid = FIRST_YEAR_ZH if key == "start.year" else "必须写" if graded else "不写即无"
        default = unsaid if record.required else default_of(record)
        cells = [f"`{key}`", record.name.zh, UNITS[record.unit].zh, default, range_of(record)]
        cells += [ROLES_ZH[record.role], record.grade, record.source] if graded else []
        lines.append("| " + " | ".join(cell(one) for one in cells) + " |")
    return lines


# --- cells -----------------------------------------------------------------------------------------------


def _functions(module: ModuleType) -> Iterator[Callable[..., Any]]:
    return (f for f in vars(module).values() if inspect.isfunction(f) and f.__module__ == module.__name__)


def _first(function: Callable[..., Any]) -> str:
    """The first paragraph of a docstring, in one line."""
    return cell(" ".join(inspect.cleandoc(function.__doc__ or "").split("\n\n")[0].split()))


def _channels(hook: Callable[..., Any]) -> list[str]:
    """The channels that a hook names, in order."""
    constants = [node.value for node in ast.walk(ast.parse(inspect.getsource(hook))) if isinstance(node, ast.Constant)]
    return list(dict.fromkeys(one for one in constants if isinstance(one, str) and one in CHANNELS))


def default_of(record: Record, most: int = MOST) -> str:
    """The default of a record, cut where it is longer than ``most`` characters."""
    if record.required:
        return "none: a measure states it"
    said = flow(record.default.plain)
    return said if len(said) <= most else said[: most - 1] + "…"


def range_of(record: Record) -> str:
    """The plausible range of a record: values, words, or factors on the whole."""
    if record.one_of:
        return ", ".join(record.one_of)
    if record.factor is not None:
        return f"×{bound(record.factor[0], '')}–{bound(record.factor[1], '')}"
    return f"{bound(record.low, '-∞')}–{bound(record.high, '∞')}" if record.low is not None else "-"


def cell(text: str) -> str:
    """A text as a cell of a table: one line, no bars."""
    return " ".join(str(text).split()).replace("|", "\\|")


if __name__ == "__main__":
    main()
