"""Forms of the desk."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from flask_babel import lazy_gettext as _
from flask_login import current_user
from flask_wtf import FlaskForm
from sqlalchemy.orm import Session
from wtforms import DateField, DecimalField, Field, IntegerField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, NumberRange, Optional, Regexp

from surveys import waves
from surveys.areas import Area
from surveys.people import ROLES
from surveys.problems import Refused
from surveys.questionnaires import published
from surveys.questionnaires.published import PublishedQuestionnaire
from surveys.results import readings
from surveys.waves import CODE, MONTH, Wave
from webapp.i18n import say
from webapp.staff import words

WHOLE_TREE = 0  # the choice of no branch
TARGET = "target_"  # begins the name of a target's field


def refuse(form: FlaskForm, refused: Refused) -> None:
    """Show on the form what the record refused."""
    form.form_errors = [say(problem) for problem in refused.problems]


class ConfirmForm(FlaskForm):
    """Nothing but the token: the press of the button is the answer."""


class DrawForm(FlaskForm):
    """How many addresses to draw."""

    per_community = IntegerField(
        _("Addresses per community"),
        [
            InputRequired(_("Enter a whole number.")),
            NumberRange(min=1, max=100_000, message=_("Enter a number of at least 1.")),
        ],
        description=_(
            "Spread over the community's housing types, at least four in each. To end with 120 "
            "answers where half of the households answer, draw 240."
        ),
        render_kw={"inputmode": "numeric", "class": "short"},
    )


class WaveForm(FlaskForm):
    """A new wave. The targets, a field per headline indicator, are added by :func:`wave_form`."""

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

    @property
    def target_fields(self) -> list[Field]:
        return [field for field in self if field.name.startswith(TARGET)]

    def create(self, session: Session, actor: str) -> Wave:
        """Make the wave (Refused if the record objects)."""
        questionnaire = session.get_one(PublishedQuestionnaire, self.questionnaire_id.data)
        known = {i.name for i in published.load(session, questionnaire.id).indicators}
        targets = {field.name.removeprefix(TARGET): field.data for field in self.target_fields}
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
            targets={n: float(t) / 100 for n, t in targets.items() if t and n in known},
            actor=actor,
        )


def wave_form(session: Session) -> WaveForm:
    """The form with what there is to choose from: places of the reader's branch, questionnaires."""
    versions = readings.questionnaires(session)
    indicators = published.load(session, versions[0].id).indicators if versions else ()
    targets = {
        TARGET + indicator.name: DecimalField(
            words.text(indicator.label),
            [Optional(), NumberRange(min=1, max=100, message=_("Enter per cent, 1 to 100."))],
            default=Decimal(str(round((indicator.target or 0) * 100, 1))) or None,
            places=None,
            render_kw={"inputmode": "decimal", "class": "short"},
        )
        for indicator in indicators
        if indicator.headline
    }
    form: WaveForm = type("OfferedWaveForm", (WaveForm,), targets)()
    places = readings.places(session, current_user.area_id, above="community")
    form.area_id.choices = _choices(places)
    form.questionnaire_id.choices = [
        SelectChoice(version.id, f"{words.text(version.definition['title'])} {version.version}")
        for version in versions
    ]
    return form


class UserForm(FlaskForm):
    """A new account; its password is generated."""

    name = StringField(
        _("User name"),
        [InputRequired(_("Enter a user name.")), Length(max=64)],
        render_kw={"autocomplete": "off", "autocapitalize": "none"},
    )
    role = SelectField(_("Role"))
    area_id = SelectField(_("Branch"), coerce=int, description=_("They see this branch only."))


def user_form(session: Session) -> UserForm:
    """The form with the roles and the places of the administrator's branch."""
    form = UserForm()
    form.role.choices = [SelectChoice(role, words.role(role)) for role in reversed(ROLES)]
    form.area_id.choices = _choices(readings.places(session, current_user.area_id))
    if current_user.area_id is None:
        form.area_id.choices.insert(0, SelectChoice(WHOLE_TREE, words.whole_tree()))
    return form


def _choices(places: Iterable[Area]) -> list[SelectChoice]:
    return [SelectChoice(place.id, words.area(place)) for place in places]
