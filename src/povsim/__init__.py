"""Owns: the shallow public page: the names that a user of `import povsim` meets.
Never: does work; each name is fetched from its room when it is first asked for, so that the import stays light."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from povsim.analysis.compare import compare
    from povsim.core.errors import PovsimError
    from povsim.core.params import Scenario, load_scenario
    from povsim.population.places import Place, load_place
    from povsim.population.synthesis import synthesise
    from povsim.population.tables import Population
    from povsim.results.results import Results
    from povsim.simulation.simulate import simulate

__version__: Final = "0.1.0"

_ROOM: Final[dict[str, str]] = {
    "Place": "povsim.population.places",
    "Population": "povsim.population.tables",
    "PovsimError": "povsim.core.errors",
    "Results": "povsim.results.results",
    "Scenario": "povsim.core.params",
    "compare": "povsim.analysis.compare",
    "load_place": "povsim.population.places",
    "load_scenario": "povsim.core.params",
    "simulate": "povsim.simulation.simulate",
    "synthesise": "povsim.population.synthesis",
}

__all__ = [
    "Place",
    "Population",
    "PovsimError",
    "Results",
    "Scenario",
    "__version__",
    "compare",
    "load_place",
    "load_scenario",
    "simulate",
    "synthesise",
]


def __getattr__(name: str) -> Any:
    if name not in _ROOM:
        raise AttributeError(f"module 'povsim' has no attribute {name!r}")
    if name == "load_scenario":  # kinds that installed packages bring must be known before a scenario names them
        import_module("povsim.policy.kind").discover()
    return getattr(import_module(_ROOM[name]), name)


def __dir__() -> list[str]:
    return __all__
