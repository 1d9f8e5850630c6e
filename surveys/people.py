"""People who log in: administrators, staff and volunteers, each scoped to a branch of the tree."""

from __future__ import annotations

import datetime as dt
import functools
import secrets

import sqlalchemy as sa
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, Session, mapped_column

from surveys import audit
from surveys.areas import Area
from surveys.database import Base, now
from surveys.keys import plain
from surveys.problems import N_, Problem, Refused

ROLES = ("admin", "staff", "volunteer")
SHORTEST = 12  # characters of a password someone chose
LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # none that looks like another
GROUPS = 5  # of four letters: 99 bits
REMEMBERED = dt.timedelta(days=1)  # failed attempts older than this are forgotten

_hasher = PasswordHasher()


class User(Base):
    """Someone with a password, a role and a branch."""

    __tablename__ = "users"
    __table_args__ = (CheckConstraint("role IN ('admin', 'staff', 'volunteer')", name="role"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(64), unique=True)
    full_name: Mapped[str] = mapped_column(String(64), default="")  # on papers only
    role: Mapped[str] = mapped_column(String(16))
    area_id: Mapped[int | None] = mapped_column(ForeignKey("areas.id"))  # None: the whole tree
    # The grid they live or work in, as the frame names it: they never ask their own neighbours.
    grid: Mapped[str] = mapped_column(String(32), default="")
    password_hash: Mapped[str] = mapped_column(String(160))
    # A new epoch logs every session of the person out: after a reset, nobody stays in.
    epoch: Mapped[int] = mapped_column(default=1)
    active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[dt.datetime] = mapped_column(default=now)
    last_login_at: Mapped[dt.datetime | None]


class FailedAttempt(Base):
    """A wrong password or a wrong code, counted under a keyed hash of who tried."""

    __tablename__ = "failed_attempts"

    id: Mapped[int] = mapped_column(primary_key=True)
    subject: Mapped[str] = mapped_column(String(64), index=True)
    at: Mapped[dt.datetime] = mapped_column(default=now, index=True)


def add_user(
    session: Session,
    name: str,
    role: str,
    area: Area | None = None,
    password: str | None = None,
    *,
    actor: str,
    full_name: str = "",
) -> tuple[User, str]:
    """Add someone who may log in.

    Parameters
    ----------
    full_name : str
        As :func:`set_full_name` has it.

    Returns
    -------
    User, str
        The person and the password, which is stored nowhere: a generated one is to be handed on.

    Raises
    ------
    Refused
        The name is taken or empty, the role is unknown, a name is too long, or the chosen password
        is too short.
    """
    name = plain(name)
    full_name = _tidy(full_name)
    problems = [*_password_faults(password), *_full_name_faults(full_name)]
    if not name or len(name) > 64:
        problems.append(Problem(N_("A name of at most 64 characters is missing.")))
    elif session.scalar(sa.select(User.id).where(User.name == name)) is not None:
        problems.append(Problem(N_("There is already a user %(name)s."), {"name": name}))
    if role not in ROLES:
        params = {"role": role, "roles": ", ".join(ROLES)}
        problems.append(Problem(N_("“%(role)s” is no role; there are: %(roles)s."), params))
    if problems:
        raise Refused(*problems)
    password = password or generated_password()
    user = User(
        name=name,
        full_name=full_name,
        role=role,
        area_id=area.id if area else None,
        password_hash=_hasher.hash(password),
    )
    session.add(user)
    session.flush()
    detail = {"role": role, "area": area.code if area else None}
    detail |= {"full_name": full_name} if full_name else {}
    audit.record(session, actor, "user.add", name, **detail)
    return user, password


def reset_password(session: Session, user: User, password: str | None = None, *, actor: str) -> str:
    """Give someone a new password and return it; every session of theirs is logged out."""
    if problems := _password_faults(password):
        raise Refused(*problems)
    password = password or generated_password()
    user.password_hash = _hasher.hash(password)
    user.epoch += 1
    session.flush()
    audit.record(session, actor, "user.reset-password", user.name)
    return password


def set_full_name(session: Session, user: User, full_name: str, *, actor: str) -> None:
    """Say how someone is called on papers; blank, they print the name of the account."""
    full_name = _tidy(full_name)
    if problems := _full_name_faults(full_name):
        raise Refused(*problems)
    user.full_name = full_name
    session.flush()
    audit.record(session, actor, "user.set-full-name", user.name, full_name=full_name)


def set_grid(session: Session, user: User, grid: str, *, actor: str) -> None:
    """Say in which grid someone lives or works, so that they are never sent to it."""
    user.grid = _tidy(grid)[:32]
    session.flush()
    audit.record(session, actor, "user.set-grid", user.name, grid=user.grid)


def deactivate(session: Session, user: User, *, actor: str) -> None:
    """Close an account and log it out; what its owner did stays in the trail."""
    user.active = False
    user.epoch += 1
    session.flush()
    audit.record(session, actor, "user.deactivate", user.name)


def get(session: Session, name: str) -> User:
    """The user of a name; an unknown one is refused."""
    user = session.scalar(sa.select(User).where(User.name == plain(name)))
    if user is None:
        raise Refused(Problem(N_("There is no user %(name)s."), {"name": name}))
    return user


def every(session: Session) -> list[User]:
    """Everyone who may log in, by name."""
    return list(session.scalars(sa.select(User).order_by(User.name)))


def verify(session: Session, name: str, password: str) -> User | None:
    """The active user of a name and password; None for any wrong pair.

    An unknown name takes as long as a wrong password, so that nobody learns who exists. A hash
    made with weaker settings than today's is renewed (in a session that writes).
    """
    query = sa.select(User).where(User.name == plain(name), User.active)
    user = session.scalar(query)
    try:
        _hasher.verify(user.password_hash if user else _nobody(), password)
    except (VerificationError, InvalidHashError):
        return None
    if user and _hasher.check_needs_rehash(user.password_hash):
        user.password_hash = _hasher.hash(password)
    return user


def generated_password() -> str:
    """A password that can be read aloud, like ``k7qm-3fwp-x2hd-9rtz-vb4n``."""
    letters = [secrets.choice(LETTERS) for _ in range(4 * GROUPS)]
    return "-".join("".join(letters[at : at + 4]) for at in range(0, len(letters), 4))


def too_many(session: Session, subject: str, limit: int, window: dt.timedelta) -> bool:
    """Whether someone has failed so often of late that they must wait.

    Parameters
    ----------
    subject : str
        ``keys.subject(kind, who)``: the name at a login, the sender's address at a code.
    limit : int
        Failures within the window from which on it is too many.
    """
    failures = sa.select(sa.func.count()).where(
        FailedAttempt.subject == subject, FailedAttempt.at > now() - window
    )
    return (session.scalar(failures) or 0) >= limit


def shut_until(
    session: Session, subject: str, limit: int, window: dt.timedelta
) -> dt.datetime | None:
    """When someone who failed too often may try again; None if they may at once."""
    last_but = (
        sa.select(FailedAttempt.at)
        .where(FailedAttempt.subject == subject, FailedAttempt.at > now() - window)
        .order_by(FailedAttempt.at.desc())
        .offset(limit - 1)
        .limit(1)
    )
    decisive = session.scalar(last_but)
    return decisive + window if decisive else None


def note_failure(session: Session, subject: str) -> None:
    """Count one more failure, and forget those of long ago."""
    session.execute(sa.delete(FailedAttempt).where(FailedAttempt.at < now() - REMEMBERED))
    session.add(FailedAttempt(subject=subject))


def forget(session: Session, subject: str) -> None:
    """Forget someone's failures: they got in."""
    session.execute(sa.delete(FailedAttempt).where(FailedAttempt.subject == subject))


def _tidy(text: str) -> str:
    return " ".join(text.split())


def _full_name_faults(full_name: str) -> list[Problem]:
    if len(full_name) <= 64:
        return []
    return [Problem(N_("A full name has at most 64 characters."))]


def _password_faults(password: str | None) -> list[Problem]:
    if password is None or len(password) >= SHORTEST:
        return []
    short = N_("A password needs at least %(shortest)d characters.")
    return [Problem(short, {"shortest": SHORTEST})]


@functools.cache
def _nobody() -> str:
    """The hash of a password that nobody has."""
    return _hasher.hash(secrets.token_hex(32))
