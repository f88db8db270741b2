"""Owns: that every parameter of params/ is read by something: what nobody reads must not be drawn, fitted or stated.
Never: whether what is read matters (tests of the rooms)."""

from __future__ import annotations

import ast
import inspect
from types import ModuleType

import pytest

from povsim.core.params import Values, data_root, group_names, group_records, kind_names, kind_records, load_scenario
from povsim.engine import income, labour, people, safety_net, shocks
from povsim.policy import loans
from povsim.policy.kind import find
from povsim.policy.measures import safety_net as safety_net_rules
from povsim.population.synthesis import synthesise
from povsim.simulation.simulate import simulate

BY_THE_ENGINE = {"overhead", "take_up", "village"}  # of any kind: core.params.building and engine.measures read them


def words(*modules: object, without: str = "") -> set[str]:
    """Attributes and texts in the code of some modules; comments, docstrings and what is put ``without`` are no reading."""
    found = set()
    for module in modules:
        tree = ast.parse(inspect.getsource(module))
        tree.body = [node for node in tree.body if not without or without not in ast.unparse(node).partition("=")[0]]
        told = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute):
                found.add(node.attr)
            elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in told:
                found |= {node.value, node.value.partition(".")[0]}
    return found


@pytest.fixture(scope="module")
def read(place) -> set[str]:
    """Paths of the parameters of groups that a run reads which sees all eras."""
    found: set[str] = set()

    def spy(values: Values, name: str) -> object:
        found.add(f"{values._name}.{name}")
        return values._values[name]

    town = synthesise(place, 2013, 1)
    asked = ("run.replicates=1", "run.years=14", "run.draws=0", "run.threads=1", "opening.income_spread=1.1")
    scenario = load_scenario(data_root() / "params" / "chagu" / "history.yaml", asked)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Values, "__getattr__", spy)
        patch.setattr(Values, "__getitem__", spy)
        simulate(town.subset(town.households["village"] == 0), scenario, place)
    return found


@pytest.mark.parametrize("group", group_names())
def test_a_run_reads_every_parameter_of_a_group(group: str, read: set[str]) -> None:
    records, _ = group_records(group)
    rates = {f"{group}.{one.growth}" for name, one in records.items() if f"{group}.{name}" in read}
    assert {f"{group}.{name}" for name in records} - read - rates == set()


@pytest.mark.parametrize("module", [people, shocks, labour, income])
def test_a_phase_uses_what_it_lists(module: ModuleType) -> None:
    listed = {name for phase in (module.PHASE, getattr(module, "OPENING", module.PHASE)) for _, name in phase.params}
    assert listed - {""} - words(module, without="_PARAMS") == set()


@pytest.mark.parametrize("kind", kind_names())
def test_a_kind_reads_every_parameter_of_its_own(kind: str) -> None:
    records, _ = kind_records(kind)
    module = inspect.getmodule(find(kind).yields or safety_net_rules.eligible)
    said = words(module, loans, *((safety_net,) if find(kind) is safety_net_rules.KIND else ()))
    rates = {one.growth for one in records.values()}
    assert set(records) - said - rates - BY_THE_ENGINE == set()


@pytest.mark.parametrize(
    ("path", "zh", "en"),
    [
        ("transfers.transfer_growth", "子女赡养", "support by children"),  # income.carried, beside the growth of other_transfers
        ("transfers.rent_growth", "租金", "rent"),  # the item of rent alone: dividends are other items of property income
        ("assessment.return_found", "保障", "guarantee"),  # assessment.assess: below the line, or a guarantee is lacking
        ("people.bride_comes", "无偶户主", "head without a spouse"),  # people.may_marry: the widowed too, and each of them
    ],
)
def test_a_name_says_all_that_its_number_moves(path: str, zh: str, en: str) -> None:
    group, _, name = path.partition(".")
    words = group_records(group)[0][name].name
    assert zh in words.zh and en in words.en
