"""A scenario of the shipped town with a measure of every kind at once: the town's own, and the kinds that it does not have."""

from __future__ import annotations

from pathlib import Path

from povsim.core.params import Scenario, data_root, load_scenario

MORE = """
  loans_to_firms:
    kind: asset_share
    title: 户贷企用
    eligible: {status: [poor]}
    order: poorest
    quota: {households: {2017: 120, 2018: 40, 2019: 0}}
    firms: 5
    firm_failure: {value: 0.15, beyond_range: test}
  loans_of_their_own:
    kind: microcredit
    title: 户贷户用
    eligible: {status: [poor, returned, exited], labourers: ">= 1"}
    quota: {households: 150}
  health_support:
    kind: health
    title: 健康扶贫
    eligible: {status: [poor, returned, exited]}
  insurance:
    kind: insurance
    title: 防贫保险
  houses:
    kind: guarantee
    form: house
    title: 危房改造
    eligible: {status: [poor, returned, exited]}
    budget: 400000
  water:
    kind: guarantee
    form: water
    title: 饮水安全
  forest:
    kind: ecology
    title: 退耕还林
    quota: {households: 200}
  resettled:
    kind: transfer
    policy: resettlement
    title: 移民直补
  old:
    kind: transfer
    policy: old_age
    title: 高龄津贴
    eligible: {age: ">= 80"}
"""


def every_kind(folder: Path, *overrides: str) -> Scenario:
    """The scenario, written to a folder and read."""
    file = folder / "every_kind.yaml"
    base = data_root() / "params" / "chagu" / "baseline.yaml"
    file.write_text(f"schema: povsim/1\nextends: {base}\nmeasures:{MORE}", encoding="utf-8")
    return load_scenario(file, overrides)
