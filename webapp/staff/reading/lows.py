"""What goes with low satisfaction, in plain words: points of difference, others alike."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _

from surveys.questionnaires.definition import Questionnaire
from surveys.reading.editions import Edition
from surveys.results.associations import WHO, Content
from surveys.results.items import MODE
from surveys.results.lows import NONE, NOT, TOO_FEW
from webapp.staff import tables, words

SATISFACTION = "satisfaction"  # the rate whose opposite is explained
ALPHA = 0.05


@dataclass(frozen=True)
class Effect:
    """One group against the first of its kind: by how much more of it are dissatisfied."""

    stored: dict[str, Any]
    of: Model

    @property
    def variable(self) -> str:
        return str(self.stored["variable"])

    @property
    def is_environment(self) -> bool:
        return self.stored["code"] == NOT

    @property
    def group(self) -> str:
        """Who they are."""
        code = self.of.code(self.variable, self.stored["code"])
        return self.of.name(self.variable) if self.is_environment else code

    @property
    def points(self) -> float:
        return float(self.stored["effect"]) * 100

    def path(self, wave: str) -> str:
        """Where ``minyi associations`` has it."""
        return f"associations/{wave}/{self.of.kind}/{self.variable}/{self.stored['code']}"

    @property
    def interval(self) -> str:
        ends = (words.signed(self.stored[name] * 100) for name in ("lower", "upper"))
        return _("%(lower)s to %(upper)s", **dict(zip(("lower", "upper"), ends, strict=True)))

    @property
    def beyond_chance(self) -> bool:
        """Adjusted for all groups of the model (Holm)."""
        return bool(self.stored["p_holm"] <= ALPHA)

    @property
    def says(self) -> str:
        if not self.beyond_chance:
            return _("within chance")
        return _("more than chance: more") if self.points > 0 else _("more than chance: fewer")


@dataclass(frozen=True)
class Model:
    """A fitted model with the words of the questionnaire."""

    kind: str
    content: Content
    questionnaire: Questionnaire

    @property
    def effects(self) -> list[Effect]:
        """In the order of the questionnaire; those who gave no answer are in the CSV alone."""
        return [one for one in self.every if one.stored["code"] != NONE]

    @property
    def every(self) -> list[Effect]:
        return [Effect(one, self) for one in self.content["terms"]]

    @property
    def groups(self) -> list[tuple[str, str, list[Effect]]]:
        """By variable: its name, whom its groups are compared with, and the groups."""
        found: dict[str, list[Effect]] = {}
        for one in self.effects:
            found.setdefault("" if one.is_environment else one.variable, []).append(one)
        return [
            (self.name(name), self.reference(some[0].variable), some)
            for name, some in found.items()
        ]

    @property
    def why(self) -> str:
        """Why there is no model; empty where there is one."""
        if not self.content["why"]:
            return ""
        if self.content["why"] == TOO_FEW:
            return _("Too few people were dissatisfied, or satisfied, for a model.")
        return _("The model has no solution: some answers tell the outcome for certain.")

    def sentences(self, wave: str) -> list[str]:
        """What is more than chance, the largest first."""
        beyond = sorted(
            (one for one in self.effects if one.beyond_chance), key=lambda one: -abs(one.points)
        )
        return [self._sentence(one, one.path(wave)) for one in beyond]

    def _sentence(self, one: Effect, path: str) -> str:
        if one.points > 0:
            said = _(
                "%(name)s: among “%(group)s” %(points)s points more are dissatisfied overall than "
                "among “%(reference)s” (%(interval)s), others alike."
            )
        else:
            said = _(
                "%(name)s: among “%(group)s” %(points)s points fewer are dissatisfied overall than "
                "among “%(reference)s” (%(interval)s), others alike."
            )
        return words.sentence(
            said,
            name=self.name(one.variable),
            group=self.code(one.variable, one.stored["code"]),
            reference=self.reference(one.variable),
            points=words.figure(f"{path}/size", f"{abs(one.points):.1f}"),
            interval=words.figure(f"{path}/interval", one.interval),
        )

    def name(self, variable: str) -> str:
        """What people are told apart by."""
        if not variable:
            return _("Not satisfied with an environment")
        if variable == MODE:
            return _("How they answered")
        known = self.questionnaire.questions.get(variable)
        if known:
            return words.text(known.label).rstrip("？?")
        return next(
            words.text(one.label) for one in self.questionnaire.indicators if one.name == variable
        )

    def code(self, variable: str, code: str) -> str:
        """What one group is called."""
        if variable == MODE:
            return words.mode(code)
        known = self.questionnaire.questions.get(variable)
        if known:
            return words.text(known.choice(code).label)
        return {NOT: _("not satisfied"), NONE: _("no answer")}.get(code, _("satisfied"))

    def reference(self, variable: str) -> str:
        """The group that the others are compared with."""
        return self.code(variable, self.content["references"][variable])


def lines(edition: Edition, model: Model) -> Iterator[tables.Row]:
    """A model as rows to take away."""
    for one in model.every:
        stored = one.stored
        yield {
            _("Wave"): edition.wave.code,
            _("Model"): _("who") if model.kind == WHO else _("with what"),
            _("Variable"): model.name(one.variable),
            _("Group"): model.code(one.variable, stored["code"]),
            _("Compared with"): model.reference(one.variable),
            _("n, unweighted"): stored["n"],
            _("Dissatisfied, points more"): f"{stored['effect'] * 100:.6g}",
            _("95% interval, lower"): f"{stored['lower'] * 100:.6g}",
            _("95% interval, upper"): f"{stored['upper'] * 100:.6g}",
            _("Standard error"): f"{stored['se'] * 100:.6g}",
            _("Basis of the error"): words.basis(stored["basis"]),
            _("p"): f"{stored['p']:.6g}",
            _("p, adjusted (Holm)"): f"{stored['p_holm']:.6g}",
            _("Odds ratio"): f"{stored['odds_ratio']:.6g}",
            _("Made at"): words.moment(edition.made_at),
        }
