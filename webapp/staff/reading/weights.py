"""How the weights of a locked wave were made: every step, its settings, before and after."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pyarrow.compute as pc
import sqlalchemy as sa
from flask import abort, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from surveys import areas
from surveys.problems import Problem, Refused
from surveys.reading import editions
from surveys.reading.editions import Edition
from surveys.results import readings
from surveys.results.snapshots import Snapshot
from surveys.waves import Wave
from surveys.weighting import weight_sets
from surveys.weighting.calibration import PREFIX
from surveys.weighting.weight_sets import WeightSet
from webapp.office import office
from webapp.staff import scope, tables, words
from webapp.staff.door import blueprint
from webapp.staff.reading.figures import Figure

SUMMARY = ("step", "before", "after")  # what of a step is not its settings


@dataclass(frozen=True)
class Step:
    """One factor: what it did to the weights, and by which settings."""

    name: str
    before: Mapping[str, float]
    after: Mapping[str, float]
    settings: Mapping[str, Any]

    @property
    def as_stored(self) -> str:
        """The settings as the record has them."""
        return json.dumps(self.settings, ensure_ascii=False, indent=2)


@dataclass(frozen=True)
class Category:
    """One category of a margin: what the population has, and what the weights made of it."""

    name: str
    population: float
    before: float
    after: float
    said: str = ""


@dataclass(frozen=True)
class Weights:
    """The newest set of weights of a wave, with the files it is made of.

    Parameters
    ----------
    runs : bool
        Whether the reader runs the wave. To others of a branch the settings and margins that
        name communities beside their own are not shown.
    """

    edition: Edition
    figures: Mapping[str, Figure]  # of the whole, by indicator
    snapshot: Snapshot
    set: WeightSet
    steps: Sequence[Step]
    margins: Mapping[str, Sequence[Category]]
    broken: Sequence[Problem]  # a file that is not the one that was locked
    runs: bool

    @property
    def wave(self) -> Wave:
        return self.edition.wave

    @property
    def shown(self) -> Mapping[str, Sequence[Category]]:
        """The margins that the reader may see."""
        return {
            name: categories
            for name, categories in self.margins.items()
            if self.runs or "community" not in name.split("*")
        }


@blueprint.get("/results/<code>/weights")
def weights(code: str) -> ResponseReturnValue:
    """Step by step from the draw to the weight, as stored."""
    return render_template("staff/reading/weights.html", weights=_weights(code))


@blueprint.get("/results/<code>/margins.csv")
def margins_csv(code: str) -> ResponseReturnValue:
    """The margins before and after calibration."""
    rows = [
        {
            _("Wave"): code,
            _("Margin"): margin,
            _("Category"): category.name,
            _("Population"): category.population,
            _("Before calibration"): category.before,
            _("After calibration"): category.after,
        }
        for margin, categories in _weights(code).shown.items()
        for category in categories
    ]
    return tables.download(f"minyi-{code}-margins.csv", rows)


def _weights(code: str) -> Weights:
    with office().database.read() as session:
        wave = scope.wave_to_read(session, code)
        edition = editions.of(session, wave) or abort(404)
        stored = editions.figures(session, edition, [edition.whole], edition.headline)
        snapshot = session.scalars(sa.select(Snapshot).where(Snapshot.wave_id == wave.id)).one()
        newest = readings.weights(session, wave) or abort(404)
        runs = scope.mine(session).runs(wave)
        places = areas.communities(session, wave.area_id)
        named = {place.code: words.area(place) for place in places}
    margins: dict[str, list[Category]] = {}
    broken: Sequence[Problem] = ()
    try:
        margins = _margins(newest)
    except Refused as refused:
        broken = refused.problems
    margins = {
        margin: [replace(one, said=words.category(one.name, named)) for one in some]
        for margin, some in margins.items()
    }
    return Weights(
        edition=edition,
        figures={name: Figure(one) for (_area, name), one in stored.items()},
        snapshot=snapshot,
        set=newest,
        steps=[_step(stored) for stored in newest.settings["steps"]],
        margins=margins,
        broken=broken,
        runs=runs,
    )


def _step(stored: Mapping[str, Any]) -> Step:
    settings = {name: value for name, value in stored.items() if name not in SUMMARY}
    return Step(stored["step"], stored["before"], stored["after"], settings)


def _margins(weight_set: WeightSet) -> dict[str, list[Category]]:
    """Each margin that was calibrated to, summed from the stored weights."""
    steps: Iterable[Mapping[str, Any]] = weight_set.settings["steps"]
    margins = [margin for step in steps for margin in step.get("margins", ())]
    table = weight_sets.read(office(), weight_set)
    table = table.append_column("before", pc.divide(table["weight"], table["calibration"]))
    found = {}
    for margin in margins:
        column = PREFIX + margin["name"]
        sums = table.group_by(column).aggregate([("before", "sum"), ("weight", "sum")])
        held = {row[column]: (row["before_sum"], row["weight_sum"]) for row in sums.to_pylist()}
        found[margin["name"]] = [
            Category(name, total, *held.get(name, (0.0, 0.0)))
            for name, total in sorted(margin["totals"].items())
        ]
    return found
