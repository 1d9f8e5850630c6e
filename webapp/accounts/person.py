"""Who is logged in, as the pages know them."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa
from flask_login import UserMixin

from surveys.people import User
from surveys.statements import Statement
from webapp.office import office


@dataclass(frozen=True)
class Person(UserMixin):
    """Someone with an account.

    The session carries the account's epoch beside its number, so that a new password ends every
    session that the old one began.
    """

    id: int
    epoch: int
    name: str
    role: str
    area_id: int | None

    def get_id(self) -> str:
        """What the session keeps."""
        return f"{self.id}.{self.epoch}"

    @property
    def is_admin(self) -> bool:
        return self.role == "admin"

    @property
    def is_staff(self) -> bool:
        return self.role in {"admin", "staff"}

    @property
    def home(self) -> str:
        """The endpoint that this person starts from."""
        return "staff.newest_results" if self.is_staff else "volunteer.home"


def of(user: User) -> Person:
    """The person behind an account."""
    return Person(user.id, user.epoch, user.name, user.role, user.area_id)


def claimed(kept: str) -> tuple[int, int] | None:
    """The number and the epoch that a session keeps."""
    number, _, epoch = kept.partition(".")
    return (int(number), int(epoch)) if number.isdecimal() and epoch.isdecimal() else None


def find(kept: str) -> Person | None:
    """Who a session speaks of; nobody once the account is closed or its password is new."""
    claim = claimed(kept)
    if claim is None:
        return None
    with office().database.read_connection() as connection:
        row = _FIND.row(connection, dict(zip(("id", "epoch"), claim, strict=True)))
    return None if row is None else Person(*row)


# Every request of somebody with a session asks this.
_FIND = Statement(
    lambda _dialect: sa.select(User.id, User.epoch, User.name, User.role, User.area_id).where(
        User.id == sa.bindparam("id"), User.epoch == sa.bindparam("epoch"), User.active
    )
)
