"""Words of the field, in the reader's language."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping

from babel.dates import format_skeleton
from flask_babel import format_datetime, get_locale
from flask_babel import gettext as _
from markupsafe import Markup

from surveys.areas import Area
from surveys.problems import N_
from surveys.questionnaires.definition import Text, text_in
from surveys.results.figures import Figure
from surveys.waves import Wave
from webapp.i18n import language

# Said a hundred times on a page: only the one that is asked for is looked up.
VERDICTS = {
    "met": N_("met"),
    "not_met": N_("not met"),
    "undecided": N_("undecided"),
    "too_few": N_("too few"),
}
REASONS = {
    "response_rate": N_("response rate below the floor"),
    "few_grids": N_("too few grids"),
}
BANDS = {"upper": N_("upper band"), "middle": N_("middle band"), "lower": N_("lower band")}


def verdict(name: str) -> str:
    """What is decided about a rate and its target."""
    return _(VERDICTS[name])


def reason(name: str | None) -> str:
    """Why a rate that would be met is not; nothing where there is no such reason."""
    return _(REASONS[name]) if name in REASONS else ""


def basis(name: str | None) -> str:
    """Between whom an error was measured."""
    return {
        "household": _("households"),
        "grid": _("grids"),
        "pairs": _("pairs of interviewers"),
    }.get(name or "", "")


def state(name: str) -> str:
    """How far a wave is."""
    return {
        "draft": _("draft"),
        "open": _("open"),
        "closed": _("closed"),
        "locked": _("locked"),
    }[name]


def kind(name: str) -> str:
    """What a wave is for."""
    return {"measurement": _("measurement"), "campaign": _("campaign visit")}[name]


def mode(name: str) -> str:
    """How someone answered."""
    return {"web": _("on the web"), "door": _("at the door"), "paper": _("on paper")}[name]


def role(name: str) -> str:
    """What someone may do."""
    return {
        "admin": _("administrator"),
        "staff": _("staff"),
        "volunteer": _("volunteer"),
    }[name]


def whole_tree() -> str:
    """The branch of those who see all."""
    return _("Everything")


def area(place: Area) -> str:
    """The name of a place; on English pages the Chinese one where there is no other."""
    return place.name_en if language() == "en" and place.name_en else place.name_zh


def title(wave: Wave) -> str:
    """The title of a wave."""
    return wave.title_en if language() == "en" and wave.title_en else wave.title_zh


def text(of: Text) -> str:
    """A questionnaire's own words."""
    return text_in(of, language())


def marked(said: str) -> Markup:
    """A name, marked as Chinese where it stands on an English page without a translation."""
    if language() == "en" and any("\u3400" <= character <= "\u9fff" for character in said):
        return Markup('<span lang="zh-CN">{}</span>').format(said)
    return Markup.escape(said)


def month(code: str) -> str:
    """ "2026-11" as people say it."""
    return format_skeleton("yMMMM", dt.date.fromisoformat(f"{code}-01"), locale=get_locale())


def moment(at: dt.datetime | None) -> str:
    """A moment, to the minute; nothing for what has not happened."""
    return format_datetime(at, "yyyy-MM-dd HH:mm") if at else ""


def stream(name: str) -> str:
    """Where an answer comes from."""
    return {"sample": _("probability sample"), "open": _("open link")}[name]


def no_verdict(stored: Figure) -> str:
    """Why there is none."""
    return _("Not a probability sample: not judged") if stored.stream == "open" else ""


def yes_no(value: bool | None) -> str:
    """Yes, no, or nothing."""
    return "" if value is None else _("yes") if value else _("no")


def figure(path: str, said: str) -> Markup:
    """A figure with its path: where the commands that recompute figures have it."""
    return Markup('<data value="{}">{}</data>').format(path, said)


def sentence(text: str, **params: object) -> Markup:
    """A sentence of the catalogue, looked up without its parameters, with figures in it."""
    return Markup(text) % params  # noqa: S704  (our own words; parameters are escaped)


def run(sentences: Iterable[str]) -> Markup:
    """Sentences one after another; Chinese leaves no space between them."""
    between = Markup(" ")
    return (between if language() != "zh" else Markup("")).join(sentences)


def recorded(said: str) -> str:
    """Words that the record marks for translation: outcomes, dispositions, flags."""
    return _(said)


def share(value: float | None) -> str:
    """A share in per cent; a dash where there is nothing to divide by."""
    return "–" if value is None else f"{value * 100:.1f}%"


def signed(difference: float) -> str:
    """A difference with its sign."""
    return f"{difference:+.1f}".replace("-", "−")


def days(first: dt.date, last: dt.date) -> str:
    """One day, or several from end to end."""
    return str(first) if first == last else f"{first} – {last}"


def step(name: str) -> str:
    """A factor of a weight."""
    return {
        "base": _("probability of the address"),
        "households": _("households at the address"),
        "adults": _("adults in the household"),
        "eligibility": _("unknown eligibility"),
        "nonresponse": _("non-response"),
        "calibration": _("calibration and trimming"),
    }.get(name, name)


def step_explained(name: str) -> str:
    """What a factor of a weight is for."""
    return {
        "base": _("One over the probability with which the address was drawn."),
        "households": _(
            "Of several households at an address one was chosen at random; it stands for all."
        ),
        "adults": _(
            "Of the adults one was asked. Counts are capped, so that nobody weighs too much; a "
            "missing one is lent by a household of the same stratum."
        ),
        "eligibility": _(
            "Addresses of which nobody knows anything are shared out among those that are known."
        ),
        "nonresponse": _(
            "Those who answered stand for those of their class who could have and did not."
        ),
        "calibration": _(
            "The weights are scaled to the population by sex, age and community, and the largest "
            "are trimmed, in turn until both hold."
        ),
    }.get(name, "")


def selection(rule: str) -> str:
    """Which adult of a household is asked."""
    return {
        "next_birthday": _("the adult whose birthday comes next"),
        "kish": _("one of the adults, by a table"),
    }[rule]


def nonresponse(method: str) -> str:
    """How those who did not answer are made up for."""
    return {
        "classes": _("by community and housing type"),
        "propensity": _("by a model of who answers"),
    }[method]


def housing(code: str) -> str:
    """A type of housing, as the address list has it."""
    return {
        "managed": _("managed estate"),
        "unmanaged": _("estate without a manager"),
        "selfbuilt": _("self-built house"),
        "resettled": _("public or resettled housing"),
        "rural": _("rural house"),
    }.get(code, code)


def level(name: str) -> str:
    """A level of the area tree."""
    return {
        "province": _("province"),
        "city": _("city"),
        "district": _("district"),
        "township": _("township"),
        "community": _("community or village"),
        "grid": _("grid"),
    }[name]


def allocation(rule: str) -> str:
    """A way to share interviews out over the communities."""
    return {
        "proportional": _("by the number of addresses"),
        "equal": _("the same in each community"),
        "neyman": _("for the best figure of the township"),
        "power": _("between the two: for township and communities"),
    }[rule]


def category(name: str, places: Mapping[str, str]) -> str:
    """A category of a margin, such as ``female/65+``; joined ones with all their parts."""
    told = {"female": _("female"), "male": _("male")} | {**places}
    return " · ".join(
        "+".join(told.get(one, housing(one)) for one in _ages(part)) for part in name.split("/")
    )


def _ages(part: str) -> list[str]:
    """Joined codes one by one; the plus of the oldest (65+) is no sign of joining."""
    return [one for one in re.split(r"\+(?=.)", part) if one]


def margin(name: str) -> str:
    """A margin of the population, such as sex × age."""
    return " × ".join(_dimension(part) for part in name.split("*"))


def _dimension(name: str) -> str:
    return {
        "sex": _("sex"),
        "age": _("age"),
        "housing": _("housing type"),
        "community": _("community"),
    }[name]


def definition(kind: str) -> str:
    """Which answers count: the definition that decides, or another."""
    return {
        "main": _("Main definition"),
        "strict": _("Strict"),
        "alternative": _("Without “don’t know”"),
    }[kind]


def band(name: str | None) -> str:
    """Where a community stands against the whole, beyond chance."""
    return _(BANDS[name]) if name in BANDS else ""


def span(name: str) -> str:
    """What a trend goes by."""
    return {"month": _("by month"), "quarter": _("by quarter"), "year": _("by year")}[name]


def period(name: str) -> str:
    """ "2026Q3" or "2026" as people say it."""
    year, _quarter, number = name.partition("Q")
    if not number:
        return _("%(year)s", year=year)
    return _("Q%(number)s %(year)s", number=number, year=year)


def group_of(variable: str) -> str:
    """What residents are told apart by."""
    return _dimension(variable)


def p_plain(p: float) -> str:
    """A p-value without false precision."""
    return "< 0.001" if p < 0.001 else f"{p:.3f}"
