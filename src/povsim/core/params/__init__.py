"""Owns: parameters and scenarios: records, units, layers, conditions as data, sources; every fault at once.
Never: knows what a kind or a phase does with a value."""

from povsim.core.params.checks import check_params, describe
from povsim.core.params.conditions import FIELDS, Condition, Field
from povsim.core.params.draws import draws_of
from povsim.core.params.loading import default_values, load_scenario, resolve
from povsim.core.params.record import Record, Setting, Text
from povsim.core.params.records import (
    data_root,
    group_names,
    group_records,
    kind_names,
    kind_records,
    part_title,
    register_kind_records,
)  # fmt: skip
from povsim.core.params.scenario import Budget, Measure, Plan, Quota, Run, Scenario, Uncertainty, Values
from povsim.core.params.units import UNITS, Unit

__all__ = [
    "FIELDS",
    "UNITS",
    "Budget",
    "Condition",
    "Field",
    "Measure",
    "Plan",
    "Quota",
    "Record",
    "Run",
    "Scenario",
    "Setting",
    "Text",
    "Uncertainty",
    "Unit",
    "Values",
    "check_params",
    "data_root",
    "default_values",
    "describe",
    "draws_of",
    "group_names",
    "group_records",
    "kind_names",
    "kind_records",
    "load_scenario",
    "part_title",
    "register_kind_records",
    "resolve",
]
