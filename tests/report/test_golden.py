from dataclasses import replace

import pytest

from tests.report.drawn import CHARTS, EACH
from tests.report.fake_answer import make_answer
from tests.report.golden import FOLDER, TOLERANCE, apart, check, picture

VARIANTS = {
    "exit_timeline_en": ("exit_timeline", "en", {}),
    "exit_timeline_back_test": ("exit_timeline", "zh", {"years": range(2014, 2019), "opening": 2013}),
    "exit_timeline_30_years": ("exit_timeline", "zh", {"years": range(2017, 2047)}),
    "return_risk_held": ("return_risk", "zh", {"draws": 0}),
    "fit_en": ("fit", "en", {}),
    "tornado_share_en": ("tornado_share", "en", {}),
}
# One number of each chart: table, row, name; what makes the picture another.
MOVED = {
    "exit_timeline": ("exit_timeline", 6, "persons"),
    "remaining_households": ("remaining", 6, "households"),
    "return_risk": ("return_by_years", 1, "share"),
    "income_sources": ("income_sources", 1, "wage"),
    "villages": ("villages", 7, "poor_households"),
    "spending": ("spending", 3, "public"),
    "difference_pv_late": ("difference", 1, "exited_persons"),
    "difference_without": ("difference", 6, "above_households"),
    "routes": ("routes", 2, "share"),
    "fit": ("fit", 3, "model"),
    "tornado": ("influence", 3, "at_low"),
}


@pytest.fixture(scope="module")
def answer():
    return make_answer()


@pytest.mark.parametrize("name", CHARTS)
def test_a_chart_is_its_accepted_picture(answer, name):
    check(EACH[name](answer, lang="zh"), name)


@pytest.mark.parametrize("name", VARIANTS)
def test_so_is_another_language_or_town(name):
    chart, lang, changes = VARIANTS[name]
    check(EACH[chart](make_answer(**changes), lang=lang), name)


def test_no_picture_is_left_over():
    accepted = {path.stem for path in FOLDER.glob("*.png") if not path.stem.endswith("_actual")}
    assert accepted == CHARTS.keys() | VARIANTS.keys()


def moved(answer, table, row, name, factor):
    numbers = answer.numbers.copy()
    one = (numbers["table"] == table) & (numbers["row"] == row) & (numbers["name"] == name)
    assert one.sum() == 1
    numbers.loc[one, "value"] *= factor
    return replace(answer, numbers=numbers)


@pytest.mark.parametrize("name", CHARTS)
def test_a_number_off_by_a_twentieth_is_seen(answer, name):
    whole = picture(EACH[name](answer, lang="zh"))
    assert apart(whole, picture(EACH[name](answer, lang="zh"))) == 0.0
    assert apart(whole, picture(EACH[name](moved(answer, *MOVED[name], 1.05), lang="zh"))) > 1.5 * TOLERANCE


def test_a_letter_is_seen_and_what_was_drawn_is_left_beside_the_accepted(answer, tmp_path, monkeypatch):
    monkeypatch.delenv("POVSIM_ACCEPT", raising=False)
    figure = EACH["routes"](answer, lang="zh")
    with pytest.raises(pytest.fail.Exception, match="no accepted picture"):
        check(figure, "routes", tmp_path)
    monkeypatch.setenv("POVSIM_ACCEPT", "1")
    check(figure, "routes", tmp_path)
    monkeypatch.delenv("POVSIM_ACCEPT")
    check(figure, "routes", tmp_path)
    (tmp_path / "routes_actual.png").unlink()
    other = EACH["routes"](replace(answer, about={**answer.about, "run_id": "0123abce"}), lang="zh")
    with pytest.raises(pytest.fail.Exception, match=r"off by 0\.0.*routes_actual\.png"):
        check(other, "routes", tmp_path)
    assert (tmp_path / "routes_actual.png").exists()
