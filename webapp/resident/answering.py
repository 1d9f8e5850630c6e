"""Question pages: a GET shows one, a POST stores it and sends on to the next."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import abort, redirect, render_template, request, url_for
from sqlalchemy import Connection
from werkzeug.wrappers import Response

from surveys import drafts
from surveys.problems import Problem
from surveys.questionnaires.definition import Page
from webapp.i18n import language
from webapp.office import office
from webapp.resident import preferences, words
from webapp.resident.dead_ends import stop_after_revocation, stop_after_the_end
from webapp.resident.door import door
from webapp.resident.entry import Entry
from webapp.resident.forms import PageForm
from webapp.resident.visit import Visit

Answer = Response | str | tuple[str, int]


@door.get("/d/<token>")
def resume(token: str) -> Response:
    """Go on where the draft's owner left off."""
    return redirect(standing(Visit.find(token)), 303)


@door.get("/d/<token>/<page:name>")
def question_page(token: str, name: str) -> Answer:
    """Show a page with what is stored of it."""
    visit = Visit.find(token)
    page = _open(visit, name)
    _note_shown(visit, page)
    form = _form(visit, page)
    form.fill(visit.draft.answers)
    return _show(visit, page, form)


@door.post("/d/<token>/<page:name>")
def answer(token: str, name: str) -> Answer:
    """Store a page and go on; what cannot be stored is shown again with everything typed."""
    with office().database.single_statements() as connection:
        visit = Visit.read(connection, token)
        page = _open(visit, name)
        entry = Entry.of(visit, page, request.form)
        saved = None if entry.problems else _store(connection, visit, entry)
    if saved is None:
        return _show_again(visit, page, entry, entry.problems), 422
    return _go_on(saved, visit, page, entry)


@door.post("/d/<token>/<page:name>/prefer")
def prefer(token: str, name: str) -> Answer:
    """Change language or size in the middle of a page; what was typed stays."""
    visit = Visit.find(token)
    page = _open(visit, name)
    preferences.keep(visit.draft)
    entry = Entry.of(visit, page, request.form)
    if entry.problems:  # without a word about them: nobody has said that they are done
        return _show_again(visit, page, entry, {})
    with office().database.single_statements() as connection:
        saved = _store(connection, visit, entry.without_untouched(visit))
    return _go_on(saved, visit, page, entry, stay=True)


def standing(visit: Visit, **arguments: Any) -> str:
    """The address of where someone stands: the page due, the check of all answers, or the end."""
    if visit.is_over:
        return address(visit, "done")
    if visit.due is None:
        return address(visit, "check", **arguments)
    return address(visit, "question_page", name=visit.due.name, **arguments)


def address(visit: Visit, view: str, **arguments: Any) -> str:
    """The address of one of the draft's views."""
    return url_for(f"resident.{view}", token=visit.token, **arguments)


def stop_if_closed(visit: Visit) -> None:
    """End here if the wave closed while someone was still answering."""
    if visit.draft.wave_state != "open" and not visit.is_over:
        stop_after_the_end()


def _open(visit: Visit, name: str) -> Page:
    """The page someone asks for; who may not be there is led back to where they stand."""
    stop_if_closed(visit)
    page = visit.page(name)
    if page is None or visit.is_over:
        abort(redirect(standing(visit, note="path"), 303))
    return page


def _note_shown(visit: Visit, page: Page) -> None:
    """Remember that questions were shown which fix the answers to earlier ones."""
    shown = [question.name for question in visit.asked(page) if question.freezes]
    if set(shown) - set(visit.draft.shown):
        with office().database.write_connection() as connection:
            drafts.note_shown(connection, visit.draft, shown)


def _store(connection: Connection, visit: Visit, entry: Entry) -> drafts.Saved:
    with office().database.turn():
        return drafts.save(connection, visit.draft, entry.values, entry.seen_version)


def _go_on(
    saved: drafts.Saved, visit: Visit, page: Page, entry: Entry, *, stay: bool = False
) -> Answer:
    now = Visit(saved.draft, visit.questionnaire, visit.token)
    if saved.draft.is_revoked:
        stop_after_revocation()
    onward = address(now, "question_page", name=page.name, **_way()) if stay else _next(now, page)
    if saved.conflicts:
        return _show_conflict(now, page, entry, saved.conflicts, onward), 409
    return redirect(onward, 303)


def _next(visit: Visit, page: Page) -> str:
    """The following page; who came from the check goes back to it, past what is newly asked."""
    if visit.is_over or visit.due is page or _way():
        return standing(visit, **(_way() if visit.due else {}))
    following = visit.following(page)
    if following is None:
        return address(visit, "check")
    return address(visit, "question_page", name=following.name)


def _way() -> dict[str, str]:
    """What says, in the address, that someone came from the check of their answers."""
    return {"then": "check"} if request.args.get("then") == "check" else {}


def _back(visit: Visit, page: Page) -> str | None:
    if _way():
        return address(visit, "check")
    before = visit.preceding(page)
    return None if before is None else address(visit, "question_page", name=before.name)


def _form(visit: Visit, page: Page) -> PageForm:
    return PageForm(filter(visit.is_changeable, visit.asked(page)), language())


def _show_again(visit: Visit, page: Page, entry: Entry, problems: Mapping[str, Problem]) -> str:
    form = _form(visit, page)
    form.repeat(entry.sent, problems)
    return _show(visit, page, form)


def _show(visit: Visit, page: Page, form: PageForm) -> str:
    number, count = visit.position(page)
    questions = visit.asked(page)
    return render_template(
        "resident/page.html",
        visit=visit,
        page=page,
        questions=questions,
        title=words.heading(visit.questionnaire, page, questions),
        form=form,
        number=number,
        count=count,
        back=_back(visit, page),
        way=_way(),
        note=request.args.get("note"),
    )


def _show_conflict(
    visit: Visit, page: Page, entry: Entry, conflicts: drafts.Conflicts, onward: str
) -> str:
    form = _form(visit, page)
    form.repeat(entry.sent, {})
    return render_template(
        "resident/conflict.html",
        visit=visit,
        page=page,
        form=form,
        conflicts=conflicts,
        onward=onward,
        way=_way(),
    )
