"""Forms of a wave: what it is, and the rules that are fixed when it opens."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import TypeVar

from flask_babel import lazy_gettext as _
from flask_login import current_user
from flask_wtf import FlaskForm
from sqlalchemy.orm import Session
from wtforms import (
    DateField,
    DecimalField,
    Field,
    IntegerField,
    SelectField,
    SelectMultipleField,
    StringField,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, NumberRange, Optional, Regexp, ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

from surveys import waves
from surveys.areas import Area
from surveys.questionnaires import published
from surveys.questionnaires.definition import Indicator, Questionnaire
from surveys.questionnaires.published import PublishedQuestionnaire
from surveys.results import readings
from surveys.rules import LONGEST_EMBARGO, Rules
from surveys.waves import CODE, MONTH, Wave
from surveys.weighting.recipes import LEAST_TRIM, MARGINS, Recipe
from webapp.staff import words
from webapp.staff.forms import choices

TARGET = "target_"  # begins the name of a target's field
USUAL = Recipe()
SUGGESTED_FLOOR = Decimal(50)  # per cent; the office decides
_FIGURES = {"inputmode": "decimal", "class": "short"}
_WHOLE = {"inputmode": "numeric", "class": "short"}

F = TypeVar("F", bound="RulesForm")


class RulesForm(FlaskForm):
    """What is fixed when a wave opens. A field per target is added by :func:`_with_targets`."""

    response_floor = DecimalField(
        _("Least response rate, in per cent"),
        [Optional(), NumberRange(min=1, max=99, message=_("Enter per cent, 1 to 99."))],
        default=SUGGESTED_FLOOR,
        places=None,
        description=_(
            "A community where fewer of the households answer is never called “met”. "
            "Left blank, there is no floor."
        ),
        render_kw=_FIGURES,
    )
    fieldwork_from = DateField(
        _("First day of fieldwork"), [Optional()], render_kw={"class": "short"}
    )
    fieldwork_until = DateField(
        _("Last day of fieldwork"), [Optional()], render_kw={"class": "short"}
    )
    embargo_days = IntegerField(
        _("Days without campaigns before fieldwork"),
        [
            InputRequired(_("Enter a whole number.")),
            NumberRange(
                min=0, max=LONGEST_EMBARGO, message=_("Enter a number of days from 0 to 366.")
            ),
        ],
        default=14,
        description=_("A campaign just before fieldwork moves the answers; it is then named."),
        render_kw=_WHOLE,
    )
    selection = SelectField(
        _("Who in the household answers"),
        choices=[
            SelectChoice("next_birthday", _("the adult whose birthday comes next")),
            SelectChoice("kish", _("one of the adults, by a table")),
        ],
        description=_("One adult of each household, chosen by a rule and not by who opens."),
    )
    nonresponse = SelectField(
        _("Those who did not answer"),
        choices=[
            SelectChoice("classes", _("by community and housing type")),
            SelectChoice("propensity", _("by a model of who answers")),
        ],
    )
    margins = SelectMultipleField(
        _("Scaled to the population by"),
        default=list(USUAL.margins),
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
        description=_("Where the population's figures are missing, it is left out and said so."),
    )
    adults_cap = IntegerField(
        _("A household counts for at most so many adults"),
        [
            InputRequired(_("Enter a whole number.")),
            NumberRange(min=1, message=_("Enter a number of at least 1.")),
        ],
        default=USUAL.adults_cap,
        render_kw=_WHOLE,
    )
    trim = DecimalField(
        _("Largest weight, as a multiple of the mean"),
        [
            InputRequired(_("Enter a number.")),
            NumberRange(min=0, message=_("Enter 0, or 1.5 or more.")),
        ],
        default=Decimal(str(USUAL.trim)),
        places=None,
        description=_("0 for no limit; otherwise at least 1.5."),
        render_kw=_FIGURES,
    )

    def validate_trim(self, field: Field) -> None:
        """A limit so near the mean that no weights could keep it is none."""
        if field.data is not None and 0 < field.data < LEAST_TRIM:
            raise ValidationError(_("Enter 0, or 1.5 or more."))

    @property
    def target_fields(self) -> list[Field]:
        return [field for field in self if field.name.startswith(TARGET)]

    def rules(self, questionnaire: Questionnaire) -> Rules:
        """What was typed, as far as the questionnaire has these indicators."""
        known = {indicator.name for indicator in questionnaire.indicators}
        typed = {field.name.removeprefix(TARGET): field.data for field in self.target_fields}
        floor = self.response_floor.data
        return Rules(
            targets={name: float(t) / 100 for name, t in typed.items() if t and name in known},
            selection=self.selection.data,
            response_floor=None if floor is None else float(floor) / 100,
            fieldwork_from=self.fieldwork_from.data,
            fieldwork_until=self.fieldwork_until.data,
            embargo_days=self.embargo_days.data,
            weighting={
                "nonresponse": self.nonresponse.data,
                "margins": [name for name in MARGINS if name in self.margins.data],
                "adults_cap": self.adults_cap.data,
                "trim": float(self.trim.data),
            },
        )


class WaveForm(RulesForm):
    """A new wave. Its choices are made by :func:`wave_form`."""

    title_zh = StringField(_("Title in Chinese"), [InputRequired(_("Enter a title."))])
    title_en = StringField(_("Title in English"))
    month = StringField(
        _("Month"),
        [Regexp(MONTH.pattern + "$", message=_("Enter a month such as 2026-11."))],
        description=_("The month the figures belong to, such as 2026-11."),
        render_kw={"type": "month", "class": "short", "pattern": MONTH.pattern},
    )
    code = StringField(
        _("Code"),
        [
            Optional(),
            Regexp(CODE.pattern + "$", message=_("Use small letters, digits and dashes.")),
        ],
        description=_("Stands in the address of the poster. Left blank, it is the month."),
        render_kw={"class": "short"},
    )
    area_id = SelectField(_("Area"), coerce=int)
    questionnaire_id = SelectField(_("Questionnaire"), coerce=int)
    kind = SelectField(
        _("Kind"),
        choices=[
            SelectChoice("measurement", _("measurement")),
            SelectChoice("campaign", _("campaign visit")),
        ],
        description=_("Only a measurement yields rates."),
    )
    sponsor = StringField(
        _("Body that sets the survey"),
        description=_("Printed on every form. Left blank, the questionnaire's is taken."),
    )
    approval_number = StringField(
        _("Approval or filing number"),
        description=_("Printed on every form. Left blank, the questionnaire's is taken."),
    )
    valid_until = DateField(_("Valid until"), [Optional()], render_kw={"class": "short"})

    def create(self, session: Session, actor: str) -> Wave:
        """Make the wave (Refused if the record objects)."""
        questionnaire = session.get_one(PublishedQuestionnaire, self.questionnaire_id.data)
        return waves.create(
            session,
            code=self.code.data or self.month.data,
            title_zh=self.title_zh.data,
            title_en=self.title_en.data,
            month=self.month.data,
            area=session.get_one(Area, self.area_id.data),
            questionnaire=questionnaire,
            kind=self.kind.data,
            sponsor=self.sponsor.data,
            approval_number=self.approval_number.data,
            valid_until=self.valid_until.data,
            rules=self.rules(published.load(session, questionnaire.id)),
            actor=actor,
        )


def wave_form(session: Session) -> WaveForm:
    """The form with what there is to choose from: places of the reader's branch, questionnaires."""
    versions = readings.questionnaires(session)
    indicators = published.load(session, versions[0].id).indicators if versions else ()
    form = _with_targets(WaveForm, indicators)()
    form.area_id.choices = choices(
        readings.places(session, current_user.area_id, above="community")
    )
    form.questionnaire_id.choices = [
        SelectChoice(version.id, f"{words.text(version.definition['title'])} {version.version}")
        for version in versions
    ]
    _offer_margins(form)
    return form


def rules_form(wave: Wave, questionnaire: Questionnaire) -> RulesForm:
    """The rules of a wave, to be changed while it is a draft."""
    rules = waves.rules_of(wave)
    recipe = Recipe.of(rules.weighting)
    floor = rules.response_floor
    typed = {
        **rules.columns(),
        "response_floor": None if floor is None else _per_cent(floor),
        "nonresponse": recipe.nonresponse,
        "margins": list(recipe.margins),
        "adults_cap": recipe.adults_cap,
        "trim": Decimal(str(recipe.trim)),
        **{TARGET + name: _per_cent(target) for name, target in wave.targets.items()},
    }
    form = _with_targets(RulesForm, questionnaire.indicators)(data=typed)
    _offer_margins(form)
    return form


def _with_targets(form: type[F], indicators: Iterable[Indicator]) -> type[F]:
    """The form with a field for the target of each headline indicator."""
    targets = {
        TARGET + indicator.name: DecimalField(
            words.text(indicator.label),
            [Optional(), NumberRange(min=1, max=100, message=_("Enter per cent, 1 to 100."))],
            default=_per_cent(indicator.target) if indicator.target else None,
            places=None,
            render_kw=_FIGURES,
        )
        for indicator in indicators
        if indicator.headline
    }
    return type(f"Offered{form.__name__}", (form,), targets)


def _offer_margins(form: RulesForm) -> None:
    form.margins.choices = [SelectChoice(name, words.margin(name)) for name in MARGINS]


def _per_cent(share: float) -> Decimal:
    return Decimal(f"{share * 100:.10g}")
