"""Forms of the way to a sample: lists to send, a plan, a draw."""

from __future__ import annotations

from decimal import Decimal

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from wtforms import DateField, DecimalField, IntegerField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from surveys.sampling.plans import Plan

WHOLE = {"inputmode": "numeric", "class": "short"}
FIGURES = {"inputmode": "decimal", "class": "short"}
LIST_FILES = ".csv,.txt,.xlsx,.xls"


class ListForm(FlaskForm):
    """A list to import."""

    file = FileField(
        _("The list"),
        [FileRequired(_("Choose a file."))],
        render_kw={"accept": LIST_FILES},
    )


class MarginsForm(ListForm):
    """Population figures: they say where they come from."""

    source = StringField(
        _("Where the figures come from"),
        [
            InputRequired(_("Say where the figures come from.")),
            Length(max=200, message=_("At most 200 characters.")),
        ],
        description=_("Such as: seventh census, residents aged 18 and over."),
    )
    as_of = DateField(_("The day they are of"), [Optional()], render_kw={"class": "short"})


def _per_cent(least: float = 1, most: float = 99) -> NumberRange:
    return NumberRange(min=least, max=most, message=_("Enter per cent, 1 to 99."))


class PlanForm(FlaskForm):
    """What the next wave is to find out. It changes nothing, so it is asked by address."""

    class Meta:
        csrf = False

    area = SelectField(_("Place"))
    margin = DecimalField(
        _("Township: give or take, in points"),
        [
            InputRequired(_("Enter a number.")),
            NumberRange(min=0.5, max=40, message=_("Enter 0.5 to 40.")),
        ],
        default=Decimal(5),
        places=None,
        render_kw=FIGURES,
    )
    community_margin = DecimalField(
        _("Each community: give or take, in points"),
        [
            InputRequired(_("Enter a number.")),
            NumberRange(min=0.5, max=40, message=_("Enter 0.5 to 40.")),
        ],
        default=Decimal(10),
        places=None,
        render_kw=FIGURES,
    )
    target = DecimalField(
        _("Target, in per cent"),
        [InputRequired(_("Enter a number.")), _per_cent()],
        default=Decimal(85),
        places=None,
        render_kw=FIGURES,
    )
    true_rate = DecimalField(
        _("True rate that should be recognised, in per cent"),
        [InputRequired(_("Enter a number.")), _per_cent()],
        default=Decimal(90),
        places=None,
        description=_("The nearer to the target, the more interviews it takes."),
        render_kw=FIGURES,
    )
    power = DecimalField(
        _("How surely, in per cent"),
        [InputRequired(_("Enter a number.")), _per_cent()],
        default=Decimal(80),
        places=None,
        render_kw=FIGURES,
    )
    response = DecimalField(
        _("Response rate where nothing is known, in per cent"),
        [InputRequired(_("Enter a number.")), _per_cent()],
        default=Decimal(60),
        places=None,
        render_kw=FIGURES,
    )
    deff = DecimalField(
        _("Design effect where nothing is known"),
        [
            InputRequired(_("Enter a number.")),
            NumberRange(min=0.5, max=10, message=_("Enter 0.5 to 10.")),
        ],
        default=Decimal("1.5"),
        places=None,
        render_kw=FIGURES,
    )
    interviews = IntegerField(
        _("Interviews to share out"),
        [Optional(), NumberRange(min=1, max=1_000_000, message=_("Enter a number of at least 1."))],
        description=_("Left blank, as many as the township needs."),
        render_kw=WHOLE,
    )
    pairs = IntegerField(
        _("Pairs of volunteers"),
        [
            InputRequired(_("Enter a whole number.")),
            NumberRange(min=1, max=1000, message=_("Enter a number of at least 1.")),
        ],
        default=6,
        render_kw=WHOLE,
    )
    interviews_per_day = DecimalField(
        _("Interviews of a pair in a day"),
        [
            InputRequired(_("Enter a number.")),
            NumberRange(min=1, max=100, message=_("Enter a number of at least 1.")),
        ],
        default=Decimal(8),
        places=None,
        render_kw=FIGURES,
    )


EACH, TOTAL = "each", "total"
RULES = ("proportional", "equal", "neyman", "power")


class DrawForm(FlaskForm):
    """Everything about a draw; the waves to rotate with are offered by the view."""

    amount = SelectField(
        _("How much"),
        choices=[
            SelectChoice(EACH, _("so many addresses in each community")),
            SelectChoice(TOTAL, _("so many interviews in all, shared out")),
        ],
    )
    per_community = IntegerField(
        _("Addresses per community"),
        [Optional(), NumberRange(min=1, max=100_000, message=_("Enter a number of at least 1."))],
        description=_(
            "Spread over the community's housing types, at least four in each. To end with 120 "
            "answers where half of the households answer, draw 240."
        ),
        render_kw=WHOLE,
    )
    interviews = IntegerField(
        _("Interviews in all"),
        [Optional(), NumberRange(min=1, max=1_000_000, message=_("Enter a number of at least 1."))],
        description=_("More addresses than that are drawn, by the response of earlier waves."),
        render_kw=WHOLE,
    )
    rule = SelectField(
        _("Shared out"),
        choices=[
            SelectChoice("proportional", _("by the number of addresses")),
            SelectChoice("equal", _("the same in each community")),
            SelectChoice("neyman", _("for the best figure of the township")),
            SelectChoice("power", _("between the two: for township and communities")),
        ],
    )
    method = SelectField(
        _("How"),
        choices=[
            SelectChoice("stratified", _("from the whole list, by housing type (usual)")),
            SelectChoice("two_stage", _("grids first, then addresses in them")),
        ],
        description=_("Grids first saves ways, and needs nine grids or more in each community."),
    )
    grids = IntegerField(
        _("Grids in each community"),
        [Optional(), NumberRange(min=9, max=1000, message=_("Enter nine or more."))],
        default=9,
        render_kw=WHOLE,
    )
    batches = IntegerField(
        _("Reserve batches"),
        [
            InputRequired(_("Enter a whole number.")),
            NumberRange(min=0, max=9, message=_("Enter 0 to 9.")),
        ],
        default=2,
        description=_("Released whole when too few answer; nobody replaces a single household."),
        render_kw=WHOLE,
    )
    reserve = DecimalField(
        _("Size of each, in per cent of the sample"),
        [
            InputRequired(_("Enter a number.")),
            NumberRange(min=1, max=100, message=_("Enter per cent, 1 to 100.")),
        ],
        default=Decimal(25),
        places=None,
        render_kw=FIGURES,
    )
    previous = SelectField(_("Rotate with"), default="")
    keep = DecimalField(
        _("How much of its sample stays, in per cent"),
        [Optional(), NumberRange(min=1, max=100, message=_("Enter per cent, 1 to 100."))],
        places=None,
        description=_("The same households again show change more surely."),
        render_kw=FIGURES,
    )

    def plan(self, wanted: int | dict[str, int]) -> Plan:
        """The plan as it was typed, for so many addresses."""
        previous = self.previous.data or None
        return Plan(
            wanted,
            method=self.method.data,
            grids=self.grids.data or 9,
            batches=self.batches.data,
            reserve=float(self.reserve.data) / 100,
            previous=previous,
            keep=float(self.keep.data or 0) / 100 if previous else 0.0,
        )

    def check_amount(self) -> bool:
        """Whether the amount that was chosen is there; else say so beside its field."""
        field = self.per_community if self.amount.data == EACH else self.interviews
        if field.data is None and not field.errors:
            field.errors = [*field.errors, _("Enter a whole number.")]
        return not field.errors
