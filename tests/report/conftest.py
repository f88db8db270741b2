"""A tiny run of three villages with all that lies beside it, and the notebooks of the report executed once on it."""

from __future__ import annotations

from types import SimpleNamespace

import pandas as pd
import pytest

NAMES = ("00_show_town", "10_show_exit_timeline", "20_show_return_risk", "30_show_measures")
FIT = pd.DataFrame(
    {
        "item": ["exits_2014", "exits_2016", "survey"], "kind": ["fitted", "held_out", "prior"],
        "zh": ["2014 年脱贫户数", "2016 年脱贫户数", "年返贫率（调查）"],
        "en": ["households out in 2014", "households out in 2016", "yearly return by surveys"],
        "unit": ["households", "households", "share"], "reported": [454.0, 440.0, 0.042], "model": [461.0, 471.0, 0.023],
        "model_low": [430.0, 420.0, 0.012], "model_high": [490.0, 521.0, 0.034], "miss": [7.0, 31.0, -0.019],
        "miss_low": [-24.0, -20.0, -0.03], "miss_high": [36.0, 81.0, -0.008], "prior": [552.0, 514.0, 0.005],
    }
)  # fmt: skip


@pytest.fixture(scope="session")
def tiny(tmp_path_factory):
    """A folder as ``povsim run`` leaves it before the papers, in a place that looks like a user's; results and answer."""
    from povsim.analysis.influence import influence, write_influence
    from povsim.core.params import load_scenario
    from povsim.indicators.gather import make_answer
    from povsim.population.places import load_place
    from povsim.population.synthesis import synthesise
    from povsim.simulation.alternatives import alternatives
    from povsim.simulation.matching import settle
    from povsim.simulation.simulate import simulate

    few = ("run.replicates=4", "run.draws=2", "run.years=3", "run.threads=1")
    place = load_place("chagu")
    scenario = settle(load_scenario("chagu/baseline", few), place)
    town = synthesise(place, scenario.run.opening, scenario.run.seed)
    part = town.subset(town.households["village"] < 3)
    others = alternatives(scenario, [settle(load_scenario("chagu/pv_late", few), place)])
    runs = {id: simulate(part, one, place) for id, one in {"base": scenario, **others}.items()}
    moved = influence(part, scenario, place, ["work.finds_able", "work.registered_wage"], replicates=2)
    results = runs.pop("base")
    folder = tmp_path_factory.mktemp("运行 {一}") / "sample"
    results.write(folder)
    for id, run in runs.items():
        run.write(folder / "scenarios" / id)
    write_influence(moved, folder)
    answer = make_answer(results, runs, moved, FIT)
    answer.write(folder)
    return SimpleNamespace(folder=folder, results=results, answer=answer)


@pytest.fixture(scope="session")
def notebooks(root):
    """The notebooks of the report."""
    return [root / "notebooks" / f"{name}.ipynb" for name in NAMES]


@pytest.fixture(scope="session", params=["zh", "en"])
def executed(request, tiny, notebooks):
    """The notebooks executed on the tiny run, two at a time: language, their folder, what their progress said."""
    from povsim.report.notebooks import run_notebooks

    said, lang = [], request.param
    folder = tiny.folder / lang
    parameters = {"results_dir": str(tiny.folder), "charts_dir": str(folder / "charts"), "lang": lang, "formats": "png"}
    run_notebooks(notebooks, folder / "notebooks", parameters, lambda *done: said.append(done))
    return SimpleNamespace(lang=lang, folder=folder, said=said)
