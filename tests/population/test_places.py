from __future__ import annotations

from pathlib import Path

import pytest

from povsim.core.errors import PlaceError
from povsim.core.schema import Status
from povsim.population import Place, describe, load_place, place_names, reconcile, synthesise
from povsim.population.places import assumption_records

BAD = Path(__file__).parents[1] / "bad" / "places"


@pytest.mark.parametrize("file", sorted(BAD.glob("*.yaml")), ids=lambda f: f.stem)
def test_a_bad_file_says_where_and_what(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POVSIM_LANG", "en")
    where, _, rest = file.read_text(encoding="utf-8").splitlines()[0].removeprefix("# expect: ").partition(" ")
    key, _, words = rest.partition(" | ")
    with pytest.raises(PlaceError) as caught:
        load_place(file)
    found = [f for f in caught.value.faults if (f"{f.line}:{f.column}", f.key) == (where, key)]
    assert found, str(caught.value)
    assert words in f"{found[0].expected} {found[0].mend}"
    assert f"{file.name}:{where}" in str(caught.value)


def test_all_faults_at_once(tmp_path: Path) -> None:
    text = (BAD / "unknown_nested.yaml").read_text(encoding="utf-8").replace("flow: exited", "flow: exit")
    (tmp_path / "two.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(PlaceError) as caught:
        load_place(tmp_path / "two.yaml")
    assert {f.line for f in caught.value.faults} == {7, 14}


def test_an_unknown_place_names_the_nearest() -> None:
    with pytest.raises(PlaceError, match="chagu"):
        load_place("chaga")


def test_openings_of_the_town(chagu: Place) -> None:
    assert chagu.openings == (2013, 2015, 2016)
    assert chagu.as_of == 2016
    stocks = {y: (chagu.opening(y).households, chagu.opening(y).persons, chagu.opening(y).implied) for y in chagu.openings}
    assert stocks == {2013: (2751, 8072, False), 2015: (2031, 5392, True), 2016: (1571, 3724, False)}
    with pytest.raises(PlaceError, match="2014"):
        chagu.opening(2014)


@pytest.mark.parametrize("year", [2013, 2015, 2016])
def test_cohorts_sum_to_what_was_reported(chagu: Place, year: int) -> None:
    known = chagu.opening(year)
    stock = [c for c in known.cohorts if c.in_stock]
    assert (sum(c.households for c in stock), sum(c.persons for c in stock)) == (known.households, known.persons)
    for y, households, persons in ((2014, 454, 1508), (2015, 255, 1019), (2016, 440, 1595)):
        left = [c for c in known.cohorts if c.year_exited == y]
        assert (sum(c.households for c in left), sum(c.persons for c in left)) == ((households, persons) if y <= year else (0, 0))
    back = [c for c in known.cohorts if c.status == Status.RETURNED]
    assert (sum(c.households for c in back), sum(c.persons for c in back)) == ((10, 30) if year == 2016 else (0, 0))


def test_lines_of_years_add_up_and_what_no_line_says_is_none(chagu: Place) -> None:
    assert chagu.reported("exited", (2014,), "households") == 454
    assert chagu.reported("exited", range(2014, 2017), "persons") == 1508 + 1019 + 1595
    assert chagu.reported("returned", (2014, 2015, 2016), "households") == 10
    assert chagu.reported("stock", (2015,), "households") is None  # blotted out
    assert chagu.reported("exited", (2017,), "persons") is None and chagu.reported("exited", (), "persons") is None
    (line,) = [entry for entry in chagu.registry if (entry.flow, entry.year) == ("exited", 2014)]
    more = {
        "exited twice": (line.model_copy(update={"persons": 2}), 1508 + 2),
        "blotted": (line.model_copy(update={"persons": None}), 1508),
    }
    for what, (other, persons) in more.items():
        place = chagu.model_copy(update={"registry": (*chagu.registry, other)})
        assert place.reported("exited", (2014,), "persons") == persons, what
    nobody = chagu.model_copy(update={"registry": (line.model_copy(update={"persons": 0}),)})
    assert nobody.reported("exited", (2014,), "persons") == 0  # said, and none left


def test_gaps_are_computed_and_kept(chagu: Place) -> None:
    account = reconcile(chagu)
    gaps = {(row.end, row.unit): row.gap for row in account.account}
    assert gaps == {(2015, "households"): -62, (2015, "persons"): -147, (2016, "households"): 0, (2016, "persons"): 6}
    assert account.cumulative("persons") == -141
    implied = [row for row in account.account if row.reported is None]
    assert [(row.end, row.unit, row.closing) for row in implied] == [(2015, "households", 2031)]
    assert 2000 <= implied[0].closing <= 2099  # the report blots out numbers that begin with 20
    assert all(row.name for row in account.account)
    assert len(account.account_table()) == 4


def test_sums_and_rates_of_the_report(chagu: Place) -> None:
    sums = {row.name: row for row in reconcile(chagu).sums}
    assert all(row.gap == 0 for name, row in sums.items() if not name.startswith("rate."))
    assert sums["rate.2013"].computed == pytest.approx(22.455, abs=1e-3)
    assert sums["rate.2013"].gap == pytest.approx(0.145, abs=1e-3)  # shown, not mended


def test_every_figure_of_the_town_is_quoted(chagu: Place) -> None:
    figures = [
        chagu.margins.farm_households,
        chagu.margins.pv_households,
        *chagu.figures.values(),
        *(chagu.plan.targets.values()),
    ]
    assert all(figure.quote for figure in figures if figure is not None)
    assert all(entry.quote and entry.year_inferred for entry in chagu.registry)
    assert chagu.figure("margins.students.college").grade == "B"
    assert chagu.figure("plan.targets.2017").value == 2196


def test_the_template_works_as_it_stands(root: Path) -> None:
    place = load_place(root / "data" / "places" / "template.yaml")
    assert "template" not in place_names()
    assert "my_town" in describe(synthesise(place), place)


def test_assumptions_are_sound_and_a_place_may_set_its_own(chagu: Place) -> None:
    assert assumption_records()[1] == ()
    own = chagu.model_copy(update={"assumptions": {"able_registered": 0.5, "working": {"poor": 0.1}}})
    assert own.assumed(2016).able_registered == 0.5
    assert own.assumed(2016).working == {"poor": 0.1, "exited": 0.50, "general": 0.65}
    assert chagu.assumed(2016).registered_mean == 4124
