"""Leaving a response out: with a reason, while the wave is closed, and revocably."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from surveys import waves
from surveys.audit import AuditEntry
from surveys.fieldwork import exclusions
from surveys.office import Office
from surveys.problems import Refused
from surveys.responses import Response
from surveys.waves import Wave
from tests.support import record


@pytest.fixture
def response(office: Office) -> int:
    """The one response of a closed wave."""
    small = record.begin(office)
    receipt = record.accept(office, small.submission())
    record.close(office, small.wave_id)
    assert receipt.response_id
    return receipt.response_id


def exclude(office: Office, response: int, reason: str = "经核实为代答") -> None:
    with office.database.write() as session:
        exclusions.exclude(session, session.get_one(Response, response), reason, "chen")


def revoke(office: Office, response: int) -> None:
    with office.database.write() as session:
        exclusions.revoke(session, session.get_one(Response, response), "chen")


def left_out(office: Office) -> list[tuple[int, str]]:
    with office.database.read() as session:
        found = exclusions.of_wave(session, waves.get(session, "2026-11"))
        return [(response.id, exclusion.reason) for exclusion, response in found]


def test_a_response_is_left_out_with_its_reason_and_stays_where_it_is(
    office: Office, response: int
) -> None:
    exclude(office, response)
    assert left_out(office) == [(response, "经核实为代答")]
    with office.database.read() as session:
        assert session.get_one(Response, response).answers["S1"] == "yes"


def test_leaving_out_and_taking_back_are_both_in_the_trail(office: Office, response: int) -> None:
    exclude(office, response)
    revoke(office, response)
    assert left_out(office) == []
    with office.database.read() as session:
        query = sa.select(AuditEntry).where(AuditEntry.action.like("response.%"))
        entries = session.scalars(query.order_by(AuditEntry.id)).all()
        assert [(one.actor, one.action, one.detail["reason"]) for one in entries] == [
            ("chen", "response.exclude", "经核实为代答"),
            ("chen", "response.include", "经核实为代答"),
        ]


@pytest.mark.parametrize("reason", ["", "  ", "长" * 201])
def test_a_reason_is_demanded(office: Office, response: int, reason: str) -> None:
    with pytest.raises(Refused, match="A reason of at most 200 characters"):
        exclude(office, response, reason)


def test_nothing_is_left_out_twice_or_taken_back_twice(office: Office, response: int) -> None:
    with pytest.raises(Refused, match="is not left out"):
        revoke(office, response)
    exclude(office, response)
    with pytest.raises(Refused, match="is left out already"):
        exclude(office, response)


@pytest.mark.parametrize("state", ["open", "locked"])
def test_only_a_closed_wave_lets_responses_be_left_out(
    office: Office, response: int, state: str
) -> None:
    with office.database.write() as session:
        session.execute(sa.update(Wave).values(state=state))
    for act in (exclude, revoke):
        with pytest.raises(Refused, match=f"is {state}: responses are left out while it is closed"):
            act(office, response)


def test_a_response_is_found_by_its_instance(office: Office, response: int) -> None:
    with office.database.read() as session:
        wave = waves.get(session, "2026-11")
        instance = session.get_one(Response, response).instance_id
        for text in (instance, instance.removeprefix("uuid:")):
            assert exclusions.response_of(session, wave, text).id == response
        with pytest.raises(Refused, match="has no response uuid:none"):
            exclusions.response_of(session, wave, "uuid:none")
