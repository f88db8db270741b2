"""The rules of exit, return and monitoring, case by case, on numbers and on columns alike."""

from pathlib import Path

import numpy as np
import pytest
from ruamel.yaml import YAML

from povsim.policy import status

FOLDER = Path(__file__).parent.parent / "cases" / "status"
CASES = [case for file in sorted(FOLDER.glob("*.yaml")) for case in YAML(typ="safe").load(file)]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["info"])
def test_rule(case):
    rule = getattr(status, case["rule"])
    assert rule(**case["inputs"]) == pytest.approx(case["output"])


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["info"])
def test_rule_on_columns_agrees(case):
    rule = getattr(status, case["rule"])
    columns = {k: v if k == "year" or isinstance(v, list) else np.array([v, v]) for k, v in case["inputs"].items()}
    found = rule(**columns)
    found = np.stack(found, axis=-1) if isinstance(found, tuple) else found
    assert found == pytest.approx(np.array([case["output"]] * 2))


def test_every_rule_has_cases():
    rules = {name for name, f in vars(status).items() if callable(f) and getattr(f, "__module__", "") == status.__name__}
    assert rules - {case["rule"] for case in CASES} == {"reported_income", "list_score"}


def test_reported_income_has_median_one():
    assert status.reported_income(3000.0, 0.0, 0.1) == 3000.0
    assert status.reported_income(3000.0, 1.0, 0.1) == pytest.approx(3000.0 * np.exp(0.1), rel=1e-13)


def test_list_prefers_hands_and_mouths_over_support():
    base = dict(income_to_line=0.8, noise_z=0.0, weight_labour=0.2, weight_size=0.15, weight_dibao=-0.4, noise=0.3)
    able = status.list_score(labourers=2, size=4, on_dibao=0, **base)
    assert able > status.list_score(labourers=1, size=4, on_dibao=0, **base)
    assert able > status.list_score(labourers=2, size=3, on_dibao=0, **base)
    assert able > status.list_score(labourers=2, size=4, on_dibao=1, **base)
