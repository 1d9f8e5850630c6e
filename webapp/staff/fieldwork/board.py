"""The fieldwork board of a wave: where each community stands, and what is still in reserve."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy.orm import Session

from surveys.areas import Area
from surveys.fieldwork import board as record
from surveys.fieldwork.board import Row
from surveys.fieldwork.dispositions import DISPOSITIONS
from surveys.problems import Refused
from surveys.sampling import reserves
from surveys.waves import Wave
from webapp.office import office
from webapp.staff import scope, tables, words
from webapp.staff.door import blueprint
from webapp.staff.forms import ConfirmForm, refuse

ENOUGH_TOLD = 20  # interviews from which on an open wave says how many were told how to answer
RATES = {
    **{f"rr{number}": f"RR{number}" for number in range(1, 7)},
    **{"coop2": "COOP2", "ref1": "REF1", "con1": "CON1"},
}


@dataclass(frozen=True)
class Reserve:
    """The batch that a community can release next."""

    area: Area
    batch: int
    units: int


@dataclass(frozen=True)
class Board:
    """A wave's rows for those communities that the reader may see, and all of them together.

    Parameters
    ----------
    runs : bool
        Whether the reader sees every community, so that the whole is the whole.
    """

    wave: Wave
    rows: Sequence[Row]
    whole: Row
    reserves: Sequence[Reserve]
    runs: bool

    @property
    def every(self) -> list[Row]:
        """All of them together first, for those who see all."""
        return [self.whole, *self.rows] if self.runs else [*self.rows]

    @property
    def may_release(self) -> bool:
        """Whether the reader may send out a reserve now."""
        return self.runs and self.wave.state in ("draft", "open")

    def told_share(self, row: Row) -> float | None:
        """Of the interviews, those told how to answer; of an open wave none from a handful."""
        is_few = self.wave.state == "open" and row.answers < ENOUGH_TOLD
        return None if is_few else row.told_share

    @property
    def common(self) -> int | None:
        """The batch that every community with reserves left releases next, if it is one."""
        batches = {reserve.batch for reserve in self.reserves}
        return batches.pop() if len(batches) == 1 and len(self.reserves) > 1 else None


@blueprint.get("/waves/<code>/board")
def board(code: str) -> ResponseReturnValue:
    """Each community in a row; response and dispositions, never an answer."""
    return render_template(
        "staff/fieldwork/board.html", board=_board(code), dispositions=DISPOSITIONS, rates=RATES
    )


@blueprint.get("/waves/<code>/board.csv")
def board_csv(code: str) -> ResponseReturnValue:
    """The same as a table to take away, every disposition and rate included."""
    return tables.download(f"minyi-{code}-board.csv", _lines(_board(code)))


@blueprint.route("/waves/<code>/release/<int:batch>", methods=["GET", "POST"])
@blueprint.route("/waves/<code>/release/<int:batch>/<community>", methods=["GET", "POST"])
def release(code: str, batch: int, community: str | None = None) -> ResponseReturnValue:
    """Send out a reserve batch, whole, after a page that says what that means."""
    found, form = _board(code, to_run=True), ConfirmForm()
    if form.validate_on_submit():
        try:
            with office().database.write() as session:
                wave = scope.wave_to_run(session, code)
                sent = reserves.release(session, wave, batch, community, current_user.name)
        except Refused as refused:
            refuse(form, refused)
        else:
            flash(_("%(count)d addresses are released; print their slips.", count=len(sent)))
            return redirect(url_for(".board", code=code))
    ready = [
        reserve
        for reserve in found.reserves
        if reserve.batch == batch and community in {None, reserve.area.code}
    ]
    page = render_template(
        "staff/fieldwork/release.html",
        board=found,
        batch=batch,
        community=community,
        ready=ready,
        form=form,
    )
    return page, 422 if form.errors else 200


def _board(code: str, *, to_run: bool = False) -> Board:
    with office().database.read() as session:
        wave = (scope.wave_to_run if to_run else scope.wave_to_read)(session, code)
        places = scope.communities(session, wave)
        rows, whole = record.board(session, wave, places)
        return Board(
            wave=wave,
            rows=rows,
            whole=whole,
            reserves=_reserves(session, wave, places),
            runs=scope.mine(session).runs(wave),
        )


def _reserves(session: Session, wave: Wave, places: Sequence[Area]) -> list[Reserve]:
    """The first batch still in reserve of each community that has one."""
    waiting: dict[int, tuple[int, int]] = {}
    for one in reserves.batches(session, wave):
        if one.released_at is None:
            waiting.setdefault(one.community_id, (one.batch, one.units))
    return [Reserve(place, *waiting[place.id]) for place in places if place.id in waiting]


def _lines(board: Board) -> Iterator[tables.Row]:
    for row in board.every:
        yield {
            _("Wave"): board.wave.code,
            _("Area code"): row.area.code,
            _("Area"): words.area(row.area),
            _("Drawn"): row.drawn,
            _("Sent out"): row.released,
            _("Due"): row.due,
            _("Complete"): row.complete,
            **{
                f"{kind.code} {words.recorded(kind.words)}": row.counts[name]
                for name, kind in DISPOSITIONS.items()
            },
            **{label: _exact(getattr(row.rates, name)) for name, label in RATES.items()},
            _("Missing to the floor"): "" if row.gap is None else row.gap,
            _("Told how to answer"): _exact(board.told_share(row)),
            _("Much too quick"): row.hasty,
        }


def _exact(value: float | None) -> str:
    return "" if value is None else f"{value:.4f}"
