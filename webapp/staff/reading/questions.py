"""Questions: how everything was answered, by whom, and what goes with dissatisfaction."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from flask import abort, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from surveys.areas import Area
from surveys.problems import Problem, Refused
from surveys.questionnaires.definition import MISSING, Question, Questionnaire
from surveys.reading.editions import Edition
from surveys.results import associations, breakdowns, items
from surveys.results.associations import TEST, WHAT, WHO, Asked
from surveys.results.items import COMMUNITY, EVERYONE, MODE, Table
from webapp.office import office
from webapp.staff import scope, tables, words
from webapp.staff.door import blueprint
from webapp.staff.reading import lows, said
from webapp.staff.reading.results import edition_of

FEW = 30  # in a group: its shares stand in quiet ink


@blueprint.get("/results/<code>/questions/")
def questions(code: str) -> ResponseReturnValue:
    """Every question with the answers of all together."""
    with office().database.read() as session:
        edition = edition_of(session, code)
        everyone = breakdowns.everyone(session, edition.weight_set_id)
    asked = edition.questionnaire.questions
    return render_template(
        "staff/reading/questions.html",
        edition=edition,
        wave=edition.wave,
        listed=[(asked[name], group) for name, group in everyone.items() if name in asked],
    )


@blueprint.get("/results/<code>/questions/<name>")
def question(code: str, name: str) -> ResponseReturnValue:
    """One question, crossed with another or with the community."""
    by = request.args.get("by", EVERYONE)
    with office().database.read() as session:
        edition, asked, everyone, table, places = _tables(session, code, name, by)
    test, problems = _kept(edition, Asked(TEST, name, by)) if table else (None, ())
    return render_template(
        "staff/reading/question.html",
        edition=edition,
        wave=edition.wave,
        question=asked,
        answers=[choice for choice in asked.choices if choice.name not in MISSING],
        everyone=everyone.groups[0],
        table=table,
        by=by,
        crossings=_crossings(edition.questionnaire, name),
        labels=_labels(edition.questionnaire, table, places) if table else {},
        alike=said.alike(asked, test) if test else [],
        tests=test["tests"] if test else [],
        problems=problems,
        few=FEW,
    )


@blueprint.get("/results/<code>/questions/<name>.csv")
def question_csv(code: str, name: str) -> ResponseReturnValue:
    """The same as a table to take away."""
    by = request.args.get("by", EVERYONE)
    with office().database.read() as session:
        edition, asked, everyone, table, places = _tables(session, code, name, by)
    shown = table or everyone
    lines = _lines(edition, asked, shown, _labels(edition.questionnaire, shown, places))
    return tables.download(f"minyi-{code}-{name}.csv", lines)


@blueprint.get("/results/<code>/dissatisfaction")
def dissatisfaction(code: str) -> ResponseReturnValue:
    """What goes with low satisfaction: who, others alike, and with what else."""
    edition, models, problems = _models(code)
    return render_template(
        "staff/reading/dissatisfaction.html",
        edition=edition,
        wave=edition.wave,
        models=models,
        problems=problems,
    )


@blueprint.get("/results/<code>/dissatisfaction.csv")
def dissatisfaction_csv(code: str) -> ResponseReturnValue:
    """The same as a table to take away."""
    edition, models, _problems = _models(code)
    lines = [line for one in models for line in lows.lines(edition, one)]
    return tables.download(f"minyi-{code}-dissatisfaction.csv", lines)


def _models(code: str) -> tuple[Edition, list[lows.Model], Sequence[Problem]]:
    with office().database.read() as session:
        edition = edition_of(session, code)
    if lows.SATISFACTION not in edition.indicators:
        abort(404)
    models: list[lows.Model] = []
    for kind in (WHO, WHAT):
        content, problems = _kept(edition, Asked(kind, lows.SATISFACTION))
        if content is None:
            return edition, [], problems
        models.append(lows.Model(kind, content, edition.questionnaire))
    return edition, models, ()


def _kept(edition: Edition, asked: Asked) -> tuple[associations.Content | None, Sequence[Problem]]:
    """A test or model; where a file of the wave is not as it was locked, what is wrong."""
    try:
        return associations.read(office(), edition.weight_set_id, asked), ()
    except Refused as refused:
        return None, refused.problems


def _tables(
    session: Session, code: str, name: str, by: str
) -> tuple[Edition, Question, Table, Table | None, Sequence[Area]]:
    edition = edition_of(session, code)
    asked = edition.questionnaire.questions.get(name)
    everyone = breakdowns.table(session, edition.weight_set_id, name)
    if asked is None or everyone is None:
        abort(404)
    places = scope.communities(session, edition.wave)
    seen = {place.code for place in places}
    table = None
    if by != EVERYONE:
        table = breakdowns.table(session, edition.weight_set_id, name, by, seen) or abort(404)
    return edition, asked, everyone, table, places


def _crossings(questionnaire: Questionnaire, name: str) -> list[tuple[str, str]]:
    """What a question can be crossed with: code and name."""
    by = [one for one in items.crossed_with(questionnaire) if one != name]
    background = [one for one in (*items.BACKGROUND, "D4") if one in by]
    rest = [one for one in by if one not in background]
    asked = questionnaire.questions
    return [
        *((one, words.text(asked[one].label)) for one in background),
        (COMMUNITY, _("community")),
        (MODE, _("mode")),
        *((one, words.text(asked[one].label)) for one in rest),
    ]


def _labels(questionnaire: Questionnaire, table: Table, places: Sequence[Area]) -> dict[str, str]:
    """What the groups of a table are called."""
    if table.by == EVERYONE:
        return {"": _("All")}
    if table.by == COMMUNITY:
        return {place.code: words.area(place) for place in places}
    if table.by == MODE:
        return {group.code: words.mode(group.code) for group in table.groups}
    choices = questionnaire.question(table.by).choices
    return {choice.name: words.text(choice.label) for choice in choices}


def _lines(
    edition: Edition, asked: Question, table: Table, labels: dict[str, str]
) -> Iterator[tables.Row]:
    for group in table.groups:
        for share in group.shares:
            yield {
                _("Wave"): edition.wave.code,
                _("Question"): asked.name,
                _("Wording"): words.text(asked.label),
                _("By"): table.by,
                _("Group"): labels.get(group.code, group.code),
                _("Answer"): words.text(asked.choice(share.answer).label),
                _("Weighted share"): f"{share.share * 100:.6g}",
                _("95% interval, lower"): _exact(share.lower),
                _("95% interval, upper"): _exact(share.upper),
                _("Unweighted share"): f"{share.unweighted * 100:.6g}",
                _("Answers"): share.n,
                _("n, unweighted"): group.n,
                _("n, weighted"): f"{group.n_weighted:.6g}",
                _("No answer"): group.missing,
                _("Made at"): words.moment(edition.made_at),
            }


def _exact(value: float | None) -> str:
    return "" if value is None else f"{value * 100:.6g}"
