"""Owns: a fit: plausible draws, targets with their misses, what the data tells of each parameter; its way to disk, its page.
Never: finds draws (calibrate)."""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd

from povsim.analysis.surface import Floats
from povsim.analysis.targets import CHECKED, FITTED, HELD_OUT, Target
from povsim.core.errors import Fault, ParamsError
from povsim.core.labels import label
from povsim.core.params.draws import Draw, read_draws, write_draws
from povsim.core.params.scenario import Uncertainty
from povsim.results.files import whole, write_text

FORMAT: Final = "povsim-fit/1"  # in fit.json, so that the folder is known as ours
LEVEL: Final = 0.9
TELLS: Final = 0.10  # a parameter whose spread shrinks by less is not told by the data
TOGETHER: Final = 0.3  # parameters correlated more than this are told together only


@dataclass(frozen=True)
class Fit:
    """What a calibration leaves.

    Attributes
    ----------
    draws : tuple of Draw
        Plausible parameters, each draw as likely as another.
    targets : DataFrame
        A row per target: ``item, kind, zh, en, unit, grade, source, reported, tolerance``; ``prior, prior_low, prior_high`` and
        ``model, model_low, model_high`` (median and 90% of runs over the stated distributions, and over the draws), ``miss``.
    parameters : DataFrame
        A row per uncertain parameter: ``path, zh, en, unit, grade, prior_low, prior, prior_high, low, middle, high`` (5, 50 and
        95%), ``told`` (the share of its spread that the data took away) and ``moved`` (shift of its median, in prior spreads).
    together : DataFrame
        Pairs of parameters that the data tells only together: ``first, second, correlation``.
    about : dict
        What it was made of.
    """

    draws: tuple[Draw, ...]
    targets: pd.DataFrame
    parameters: pd.DataFrame
    together: pd.DataFrame
    about: dict[str, Any] = field(default_factory=dict)

    @property
    def ranges(self) -> dict[str, tuple[float, float, float]]:
        """Low end, middle and high end of each parameter (5, 50 and 95%)."""
        ends = self.parameters[["low", "middle", "high"]].itertuples(index=False, name=None)
        return dict(zip(self.parameters["path"], ends, strict=True))

    def write(self, folder: Path | str) -> list[Path]:
        """Write ``draws.csv``, ``fit.json`` and the tables as CSV into a folder, each whole or not at all."""
        folder = Path(folder)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "fit.json").unlink(missing_ok=True)  # written last: without it there is no whole fit
        with whole(folder / "draws.csv") as beside:
            write_draws(beside, self.draws)
        paths = [folder / "draws.csv"]
        for name in ("targets", "parameters", "together"):
            table: pd.DataFrame = getattr(self, name)
            write_text(folder / f"{name}.csv", table.to_csv(index=False, float_format="%.6g", quoting=csv.QUOTE_MINIMAL))
            paths.append(folder / f"{name}.csv")
        write_text(folder / "README.md", page(self))
        write_text(folder / "fit.json", json.dumps({"format": FORMAT, **self.about}, ensure_ascii=False, indent=2) + "\n")
        return [*paths, folder / "README.md", folder / "fit.json"]

    @classmethod
    def read(cls, folder: Path | str) -> Fit:
        """Read what ``write`` left.

        Raises
        ------
        ParamsError
            The folder holds no fit, or its draws are damaged.
        """
        folder = Path(folder)
        draws, faults = read_draws(folder / "draws.csv") if (folder / "draws.csv").is_file() else ([], [])
        try:
            tables = {name: pd.read_csv(folder / f"{name}.csv") for name in ("targets", "parameters", "together")}
            about = dict(json.loads((folder / "fit.json").read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError) as error:
            raise ParamsError(faults=[Fault(str(folder), expected=label("analysis.no_fit"))]) from error
        about.pop("format", None)
        if faults or not draws:
            raise ParamsError(faults=faults or [Fault(str(folder / "draws.csv"), expected=label("analysis.no_fit"))])
        return cls(tuple(draws), about=about, **tables)


# --- what came out ----------------------------------------------------------------------------------------


def laid_beside(targets: Sequence[Target], prior: Floats, drawn: Floats) -> pd.DataFrame:
    """The targets with what runs gave, over the stated distributions and over the draws."""
    tail = (1.0 - LEVEL) / 2.0
    rows = []
    for column, one in enumerate(targets):
        low, middle, high = np.nanquantile(prior[:, column], (tail, 0.5, 1.0 - tail))
        model_low, model, model_high = np.nanquantile(drawn[:, column], (tail, 0.5, 1.0 - tail))
        rows.append(
            {
                "item": one.id,
                "kind": one.role,
                "zh": one.name.zh,
                "en": one.name.en,
                "unit": one.unit,
                "grade": one.grade,
                "source": one.source,
                "reported": one.value,
                "tolerance": one.tolerance,
                "prior": middle,
                "prior_low": low,
                "prior_high": high,
                "model": model,
                "model_low": model_low,
                "model_high": model_high,
                "miss": model - one.value,
            }
        )
    return pd.DataFrame(rows)


def told(uncertain: Sequence[Uncertainty], scores: Floats) -> pd.DataFrame:
    """What the data tells of each parameter."""
    tail = (1.0 - LEVEL) / 2.0
    uniform_sd = 1.0 / np.sqrt(3.0)
    rows = []
    for column, one in enumerate(uncertain):
        of = scores[:, column]
        low, middle, high = (one.at(float(0.5 * (q + 1.0))) for q in np.quantile(of, (tail, 0.5, 1.0 - tail)))
        rows.append(
            {
                "path": one.path,
                "zh": one.record.name.zh,
                "en": one.record.name.en,
                "unit": "ratio" if one.factor else one.record.unit,
                "factor": one.factor,
                "grade": one.record.grade,
                "prior_low": one.at(tail),
                "prior": one.at(0.5),
                "prior_high": one.at(1.0 - tail),
                "low": low,
                "middle": middle,
                "high": high,
                "told": 1.0 - float(of.std()) / uniform_sd,
                "moved": float(np.median(of)) / uniform_sd,
            }
        )
    return pd.DataFrame(rows).sort_values("told", ascending=False, kind="stable", ignore_index=True)


def pairs(uncertain: Sequence[Uncertainty], scores: Floats) -> pd.DataFrame:
    """Pairs of parameters whose draws go together so far that the data tells them only together, the closest first."""
    together = np.atleast_2d(np.corrcoef(scores.T))
    first, second = np.triu_indices(len(uncertain), 1)
    close = np.abs(together[first, second]) >= TOGETHER
    rows = [
        (uncertain[i].path, uncertain[j].path, float(together[i, j])) for i, j in zip(first[close], second[close], strict=True)
    ]
    rows.sort(key=lambda row: (-abs(row[2]), row[0], row[1]))
    return pd.DataFrame(rows, columns=["first", "second", "correlation"])


def page(fit: Fit) -> str:
    """The fit as a page for people, in both languages: reported beside runs, what the data tells, and what it does not."""

    def said(key: str, **fmt: object) -> str:
        return " · ".join(label(f"analysis.{key}", lang, **fmt) for lang in ("zh", "en"))

    def number(x: float, unit: str) -> str:
        if pd.isna(x):
            return "–"
        if unit == "share":
            return f"{x:.1%}"
        return f"{x:.2f}" if unit in ("log", "persons/household", "ratio") else f"{x:,.0f}" if abs(x) >= 100 else f"{x:.3g}"

    def band(row: Any, name: str) -> str:
        middle, low, high = (number(getattr(row, f"{name}{end}"), row.unit) for end in ("", "_low", "_high"))
        return f"{middle} [{low}, {high}]"

    lines = [f"# {said('fit_title', place=fit.about['place'])}", "", said("fit_about", **fit.about), ""]
    for kind in (FITTED, HELD_OUT, CHECKED):
        rows = fit.targets[fit.targets["kind"] == kind]
        if not len(rows):
            continue
        lines += [f"## {said(f'fit_{kind}')}", "", f"| {said('fit_target')} | {said('fit_grade')} | {said('fit_reported')} "]
        lines[-1] += f"| {said('fit_prior')} | {said('fit_draws')} | {said('fit_miss')} |"
        lines.append("|---|---|---|---|---|---|")
        for row in rows.itertuples():
            inside = "" if row.model_low <= row.reported <= row.model_high else " ✗"
            reported, miss = number(row.reported, row.unit), number(row.miss, row.unit) + inside
            cells = (f"{row.zh} · {row.en}", row.grade, reported, band(row, "prior"), band(row, "model"), miss)
            lines.append(f"| {' | '.join(cells)} |")
        lines.append("")
    known = fit.parameters[fit.parameters["told"] >= TELLS]
    lines += [f"## {said('fit_told', share=f'{TELLS:.0%}')}", "", f"| {said('fit_parameter')} | {said('fit_before')} "]
    lines[-1] += f"| {said('fit_after')} | {said('fit_share')} |"
    lines.append("|---|---|---|---|")
    for row in known.itertuples():
        times = "×" if row.factor else ""
        before, after = (f"{times}{low:.3g}–{high:.3g}" for low, high in ((row.prior_low, row.prior_high), (row.low, row.high)))
        lines.append(f"| `{row.path}` {row.zh} · {row.en} | {before} | {after} | {row.told:.0%} |")
    lines += ["", said("fit_untold", number=len(fit.parameters) - len(known), all=len(fit.parameters)), ""]
    lines += [f"## {said('fit_together')}", ""]
    lines += [f"- `{row.first}` × `{row.second}`: {row.correlation:+.2f}" for row in fit.together.itertuples()] or [
        said("fit_none")
    ]
    return "\n".join(lines) + "\n"
