"""Hooks written down as loops: what can be, what cannot, and for which parameters a text holds."""

from types import SimpleNamespace

import numpy as np
import pytest

from povsim.core.params import Values
from povsim.engine import compile as compiler
from povsim.engine.hooks import _seen, _sort_of
from povsim.engine.trace import UntraceableError, trace
from povsim.policy.kind import TAKES, Kind, exp, find, minimum, pick, shipped, where
from tests.engine import plan

PARAMETERS = Values(
    "m", {"rate": 0.5, "form": "a", "count": 3.0, "ramp": np.array([0.0, 0.5, 1.0]), "by": {"a": 2.0, "b": 7.0}, "gone": None}
)
KIND = Kind("t", own={"grown": 1.0}, common={"pot": 0.0}, draws={"u": 400})


def written(hook, p=PARAMETERS, name="yields"):
    return trace(hook, KIND, p, name, _sort_of(KIND))


def changed(**values):
    return Values("m", {**{name: PARAMETERS[name] for name in PARAMETERS}, **values})


def test_a_text_serves_all_numbers_and_only_the_words_it_was_written_for():
    def yields(view, held, p, u):
        wide = exp(p.rate) * view.size if p.form == "a" else 0.0
        return {"industry": wide + p.by[p.form] * int(p.count)}

    found = written(yields)
    assert found.holds_for(changed(rate=9.0, by={"a": 1.0, "b": 1.0}))
    assert not found.holds_for(changed(form="b"))
    assert not found.holds_for(changed(count=4.0)), "a number made concrete chooses the text"
    assert [path for path in found.row if path[0] == "p"][:2] == [("p", "rate"), ("p", "by", "a")]
    assert written(yields, changed(rate=9.0)).body == found.body
    assert any("exp(" in line for line in found.before), "what does not depend on the holder is done once"
    assert not any("exp(" in line for line in found.body)


def test_tables_go_with_the_numbers_and_the_past_of_a_table_is_its_last():
    def yields(view, held, p, u):
        return {"industry": pick(p.ramp, held.grown), "grown": held.grown + where(u.u < p.rate, 1.0, 0.0)}

    found = written(yields)
    assert found.numbers(PARAMETERS, {})[-3:].tolist() == [0.0, 0.5, 1.0]
    longer = changed(ramp=np.array([0.0, 0.2, 0.4, 0.8]))
    assert found.holds_for(longer) and found.numbers(longer, {})[-4:].tolist() == [0.0, 0.2, 0.4, 0.8]


def by_value(view, held, p, u):
    if view.size > 3:
        return {"industry": 1.0}
    return {"industry": 0.0}


def in_a_loop(view, held, p, u):
    return {"industry": sum(one for one in view.size)}


def in_numpy(view, held, p, u):
    return {"industry": np.cumsum(view.size)}


def greatest(view, held, p, u):
    return {"industry": max(view.size, 3)}


def of_a_village(view, held, p, u):
    return {"industry": where(view.village == "x", 1.0, 0.0)}


@pytest.mark.parametrize("hook", [by_value, in_a_loop, in_numpy, greatest, of_a_village], ids=lambda hook: hook.__name__)
def test_what_is_no_expression_is_not_written_down(hook):
    with pytest.raises(UntraceableError):
        written(hook)


@pytest.mark.parametrize("name", sorted(name for name, kind in shipped().items() if not kind.apart))
def test_every_hook_of_a_shipped_kind_is_an_expression(name, tmp_path):
    kind = find(name)
    p = plan.town(tmp_path, {"m": {"kind": name}}).measure(0, 2017)
    for hook in TAKES:
        if getattr(kind, hook) is None or (kind.holder == "village" and hook != "shares"):
            continue
        assert trace(getattr(kind, hook), kind, p, hook, _sort_of(_seen(kind, hook))).holds_for(p)


def test_a_hook_in_columns_and_in_a_loop_say_the_same():
    def yields(view, held, p, u):
        return {"industry": minimum(view.size * p.rate, 1.6) - held.grown / 3.0, "grown": ~(u.u < 0.5) * 1.0}

    size, grown, u = np.arange(1, 9), np.linspace(0.0, 4.0, 8), np.linspace(0.0, 1.0, 8)
    answer = yields(SimpleNamespace(size=size), SimpleNamespace(grown=grown), PARAMETERS, SimpleNamespace(u=u))
    found = written(yields)
    lines = [
        "def loop(view_size, held_grown, u_u, p):",
        *(f"    {line}" for line in (*found.before, *found.body)),
        "    return " + ", ".join(text for _, text, _ in found.outputs),
    ]
    from povsim.core import elementary

    scope = {"__name__": __name__, **{one: getattr(elementary, one) for one in ("where", "minimum", "maximum", "exp")}}
    exec("\n".join(lines), scope)
    row = found.numbers(PARAMETERS, {})
    call = compiler.lift(scope["loop"]) if compiler.enabled() else scope["loop"]
    each = np.array([call(*one, row) for one in zip(size, grown, u, strict=True)], dtype=np.float64)
    assert each[:, 0].tolist() == answer["industry"].tolist()
    assert each[:, 1].tolist() == answer["grown"].tolist()
