"""A locked wave with one of its sets of weights: all that its figures are made from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
from sqlalchemy.orm import Session

from surveys.problems import N_, Problem, Refused
from surveys.questionnaires import published
from surveys.questionnaires.definition import Questionnaire
from surveys.results import judging, snapshots
from surveys.results.judging import Both
from surveys.results.respondents import Respondents, Y
from surveys.results.snapshots import Material, Snapshot
from surveys.waves import Wave
from surveys.weighting import designs, weight_sets
from surveys.weighting.designs import Designs
from surveys.weighting.factors import Floats
from surveys.weighting.weight_sets import WeightSet

if TYPE_CHECKING:
    from surveys.office import Office


@dataclass(frozen=True)
class Weighed:
    """A snapshot, its weights and the definitions.

    Parameters
    ----------
    material : Material
        Of the snapshot; its manifest has the area with its communities, the targets and the floor
        of response rates.
    weights : pyarrow.Table
        One of its weight files.
    settings : mapping
        Of that set of weights.
    questionnaire : Questionnaire
        The definitions.
    """

    material: Material
    weights: pa.Table
    settings: Mapping[str, Any]
    questionnaire: Questionnaire

    @property
    def manifest(self) -> Mapping[str, Any]:
        return self.material.manifest

    @cached_property
    def sample(self) -> Respondents:
        """The probability sample, in the order of the weights.

        Raises
        ------
        Refused
            The weights are not those of the snapshot.
        """
        sample = Respondents.of(self.material, "sample")
        if not sample.table["instance_id"].equals(self.weights["instance_id"]):
            raise Refused(Problem(N_("These are not the weights of this snapshot.")))
        return sample

    @cached_property
    def opened(self) -> Respondents:
        """The open link's."""
        return Respondents.of(self.material, "open")

    @cached_property
    def weight(self) -> Floats:
        """The weight of each respondent of the sample."""
        return np.asarray(self.weights["weight"].to_numpy(), float)

    @cached_property
    def designs(self) -> Designs | None:
        """What the sample was drawn and calibrated by; None with too few respondents."""
        draw = self.manifest["draw"]
        return designs.declare(self.sample.table, self.weights, self.settings, draw)

    @cached_property
    def declared(self) -> Designs | None:
        """The designs, with what each respondent contributes to every indicator."""
        measured = self.sample.measured(self.questionnaire.indicators)
        return self.designs and self.designs.holding(measured)

    @cached_property
    def by_community(self) -> Mapping[str, Both]:
        """The indicators in every community, by kind: those that somebody was asked."""
        if self.declared is None:
            return {}
        found = {}
        for kind in ("rate", "index"):
            own = [one for one in self.questionnaire.indicators if one.kind == kind]
            names = [Y + one.name for one in own if self.sample.contribution(one).base.any()]
            if names:
                found[kind] = judging.both(self.declared, names, ["community"], kind)
        return found


def read(
    office: Office,
    session: Session,
    snapshot: Snapshot,
    weight_set: WeightSet,
    material: Material | None = None,
) -> Weighed:
    """Read everything back from its files.

    Parameters
    ----------
    material : Material, optional
        What was read of the snapshot already.

    Raises
    ------
    Refused
        A file is missing or changed.
    """
    wave = session.get_one(Wave, snapshot.wave_id)
    return Weighed(
        material or snapshots.material(office, snapshot),
        weight_sets.read(office, weight_set),
        weight_set.settings,
        published.load(session, wave.questionnaire_id),
    )
