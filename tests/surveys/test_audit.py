"""The trail."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from surveys import audit
from surveys.audit import AuditEntry
from surveys.office import Office


def test_an_act_and_its_line_in_the_trail_stand_or_fall_together(office: Office) -> None:
    def act_and_fail() -> None:
        with office.database.write() as session:
            audit.record(session, "wang", "wave.lock", "2026-11")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        act_and_fail()
    with office.database.read() as session:
        assert session.scalars(sa.select(AuditEntry)).all() == []


def test_a_line_says_who_did_what_to_what_and_how(office: Office) -> None:
    with office.database.write() as session:
        audit.record(session, "王主任", "wave.draw", "2026-11", seed=7, wanted={"东村": 12})
    with office.database.read() as session:
        entry = session.scalars(sa.select(AuditEntry)).one()
    assert (entry.actor, entry.action, entry.subject) == ("王主任", "wave.draw", "2026-11")
    assert entry.detail == {"seed": 7, "wanted": {"东村": 12}}
    assert entry.at.tzinfo is not None
