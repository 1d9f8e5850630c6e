"""Waves: draft → open → closed → locked; a measurement or a campaign visit."""

from __future__ import annotations

import datetime as dt
import re
import secrets
from dataclasses import replace
from typing import Any

import sqlalchemy as sa
from sqlalchemy import CheckConstraint, ForeignKey, String, event
from sqlalchemy.orm import Mapped, Mapper, Session, mapped_column

from surveys import audit
from surveys.areas import Area
from surveys.database import Base, Json, now
from surveys.problems import N_, Problem, Refused
from surveys.questionnaires import published
from surveys.rules import NAMES as RULES
from surveys.rules import Rules

STATES = ("draft", "open", "closed", "locked")
KINDS = ("measurement", "campaign")
STATE_WORDS = {
    "draft": N_("a draft"),
    "open": N_("open"),
    "closed": N_("closed"),
    "locked": N_("locked"),
}
CODE = re.compile(r"[a-z0-9][a-z0-9-]{0,31}")
MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])")
FIXED = (*RULES, "seed", "kind", "month", "area_id", "questionnaire_id")  # by the opening


class Wave(Base):
    """One round of fieldwork; it belongs to a month and to a township."""

    __tablename__ = "waves"
    __table_args__ = (
        CheckConstraint("state IN ('draft', 'open', 'closed', 'locked')", name="state"),
        CheckConstraint("kind IN ('measurement', 'campaign')", name="kind"),
        CheckConstraint("selection IN ('next_birthday', 'kish')", name="selection"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(32), unique=True)  # in addresses: /s/<code>/…
    title_zh: Mapped[str] = mapped_column(String(120))
    title_en: Mapped[str] = mapped_column(String(120), default="")
    kind: Mapped[str] = mapped_column(String(16), default="measurement")
    month: Mapped[str] = mapped_column(String(7))  # "2026-11"
    area_id: Mapped[int] = mapped_column(ForeignKey("areas.id"))
    questionnaire_id: Mapped[int] = mapped_column(ForeignKey("questionnaires.id"))
    state: Mapped[str] = mapped_column(String(8), default="draft")
    sponsor: Mapped[str] = mapped_column(String(120), default="")
    approval_number: Mapped[str] = mapped_column(String(80), default="")
    valid_until: Mapped[dt.date | None]
    targets: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)  # indicator → 0.85
    selection: Mapped[str] = mapped_column(String(16), default="next_birthday")  # of the adult
    seed: Mapped[int]  # of the draw, and of everything random that follows from the wave
    synthetic: Mapped[bool] = mapped_column(default=False)
    fieldwork_from: Mapped[dt.date | None]
    fieldwork_until: Mapped[dt.date | None]
    embargo_days: Mapped[int] = mapped_column(default=14)  # without campaigns, before fieldwork
    response_floor: Mapped[float | None]  # RR2 of a community, below which it is never *met*
    weighting: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)  # how, set beforehand
    created_at: Mapped[dt.datetime] = mapped_column(default=now)
    opened_at: Mapped[dt.datetime | None]
    closed_at: Mapped[dt.datetime | None]
    locked_at: Mapped[dt.datetime | None]
    public_at: Mapped[dt.datetime | None]  # since when its figures stand on the public page
    sealing_kid: Mapped[str] = mapped_column(String(16), default="")  # the key that phones know


def create(
    session: Session,
    *,
    code: str,
    title_zh: str,
    title_en: str = "",
    month: str,
    area: Area,
    questionnaire: published.PublishedQuestionnaire,
    kind: str = "measurement",
    sponsor: str = "",
    approval_number: str = "",
    valid_until: dt.date | None = None,
    rules: Rules | None = None,
    seed: int | None = None,
    synthetic: bool = False,
    actor: str,
) -> Wave:
    """Make a wave that is not yet open.

    Parameters
    ----------
    sponsor, approval_number, valid_until
        Who set the survey; what is left blank is taken from the questionnaire.
    rules : Rules, optional
        By default the usual ones. Where they leave the targets open, the questionnaire says them.
    seed : int, optional
        Of the draw; by default one nobody chose.

    Raises
    ------
    Refused
        With everything that is wrong at once.
    """
    problems = _faults(session, code=code, title_zh=title_zh, month=month, kind=kind)
    rules = rules or Rules()
    if problems := [*problems, *rules.faults()]:
        raise Refused(*problems)
    definition = published.load(session, questionnaire.id)
    if rules.targets is None:
        usual = {i.name: i.target for i in definition.indicators if i.target is not None}
        rules = replace(rules, targets=usual)
    wave = Wave(
        code=code,
        title_zh=title_zh,
        title_en=title_en,
        kind=kind,
        month=month,
        area_id=area.id,
        questionnaire_id=questionnaire.id,
        sponsor=sponsor or definition.sponsor,
        approval_number=approval_number or definition.approval_number,
        valid_until=valid_until or definition.valid_until,
        seed=secrets.randbelow(2**31) if seed is None else seed,
        synthetic=synthetic,
        **rules.columns(),
    )
    session.add(wave)
    session.flush()
    audit.record(session, actor, "wave.create", code, seed=wave.seed, **rules.in_words())
    return wave


def get(session: Session, code: str) -> Wave:
    """The wave of a code; an unknown one is refused."""
    wave = session.scalar(sa.select(Wave).where(Wave.code == code))
    if wave is None:
        raise Refused(Problem(N_("There is no wave %(code)s."), {"code": code}))
    return wave


def every(session: Session) -> list[Wave]:
    """All waves, the newest month first."""
    return list(session.scalars(sa.select(Wave).order_by(Wave.month.desc(), Wave.code.desc())))


def rules_of(wave: Wave) -> Rules:
    """The rules of a wave, as they stand."""
    return Rules(**{name: getattr(wave, name) for name in RULES})


def settle(session: Session, wave: Wave, settled: Rules, actor: str) -> None:
    """Set the rules of a draft; they are fixed once it is opened.

    Raises
    ------
    Refused
        With everything that is wrong with them, or because the wave is no draft any more.
    """
    settled.check()
    step = (
        sa.update(Wave)
        .where(Wave.id == wave.id, Wave.state == "draft")
        .values(settled.columns())
        .returning(Wave.id)
    )
    session.flush()
    done = session.scalar(step)
    session.refresh(wave)
    if done is None:
        raise _fixed(wave)
    audit.record(session, actor, "wave.settle", wave.code, **settled.in_words())


@event.listens_for(Wave, "before_update")
def _keep(_mapper: Mapper[Wave], _connection: sa.Connection, wave: Wave) -> None:
    """What was decided before the wave opened stays, whoever would change it."""
    changed = sa.inspect(wave).attrs
    if wave.state != "draft" and any(changed[name].history.has_changes() for name in FIXED):
        raise _fixed(wave)


def _fixed(wave: Wave) -> Refused:
    params = {"code": wave.code, "state": Problem(STATE_WORDS[wave.state])}
    return Refused(Problem(N_("The rules of wave %(code)s are fixed: it is %(state)s."), params))


def open_(session: Session, wave: Wave, actor: str) -> list[Problem]:
    """Let answers in. What a printed form should say and does not is returned, as warnings."""
    advance(session, wave, "open", actor)
    return warnings(wave)


def close(session: Session, wave: Wave, actor: str) -> None:
    """Let no more answers in; what still arrives is held."""
    advance(session, wave, "closed", actor)


def advance(session: Session, wave: Wave, state: str, actor: str) -> None:
    """Take a wave one step further; there is no way back and no way past a step.

    The step is one guarded UPDATE, so that of two people who take it at once one is refused, and
    so that on PostgreSQL it waits for the answers being accepted (they hold the wave's row).
    """
    before = STATES[STATES.index(state) - 1]
    step = (
        sa.update(Wave)
        .where(Wave.id == wave.id, Wave.state == before)
        .values({"state": state, _MOMENTS[state]: now()})
        .returning(Wave.id)
    )
    session.flush()
    done = session.scalar(step)
    session.refresh(wave)
    if done is None:
        raise refusal(wave, state)
    audit.record(session, actor, _ACTIONS[state], wave.code)


def refusal(wave: Wave, state: str) -> Refused:
    """Why a wave cannot take the step to a state: it is not in the one before."""
    params = {"code": wave.code, "state": Problem(STATE_WORDS[wave.state])}
    return Refused(Problem(_REFUSALS[state], params))


def warnings(wave: Wave) -> list[Problem]:
    """What the law wants on every form and this wave leaves blank."""
    blanks = (
        (wave.sponsor, N_("Nobody is named as the body that set this survey.")),
        (wave.approval_number, N_("The approval or filing number is blank.")),
        (wave.valid_until, N_("The date until which the approval is valid is blank.")),
    )
    return [Problem(text) for value, text in blanks if not value]


_MOMENTS = {"open": "opened_at", "closed": "closed_at", "locked": "locked_at"}
_ACTIONS = {"open": "wave.open", "closed": "wave.close", "locked": "wave.lock"}
_REFUSALS = {
    "open": N_("Wave %(code)s cannot be opened: it is %(state)s."),
    "closed": N_("Wave %(code)s cannot be closed: it is %(state)s."),
    "locked": N_("Wave %(code)s cannot be locked: it is %(state)s."),
}


def _faults(
    session: Session,
    *,
    code: str,
    title_zh: str,
    month: str,
    kind: str,
) -> list[Problem]:
    faults = []
    if not CODE.fullmatch(code):
        odd = N_("“%(code)s” is no code of a wave: small letters, digits and dashes, at most 32.")
        faults.append(Problem(odd, {"code": code}))
    elif session.scalar(sa.select(Wave.id).where(Wave.code == code)) is not None:
        faults.append(Problem(N_("There is already a wave %(code)s."), {"code": code}))
    if not title_zh.strip():
        faults.append(Problem(N_("The wave needs a title.")))
    if not MONTH.fullmatch(month):
        faults.append(Problem(N_("“%(month)s” is no month; write 2026-11."), {"month": month}))
    if kind not in KINDS:
        params = {"kind": kind, "kinds": ", ".join(KINDS)}
        faults.append(Problem(N_("“%(kind)s” is no kind of wave; there are: %(kinds)s."), params))
    return faults
