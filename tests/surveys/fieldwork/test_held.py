"""What is held says why, takes notes, and never counts."""

from __future__ import annotations

import pytest

from surveys import responses
from surveys.fieldwork import held, uploads
from surveys.fieldwork.uploads import Upload
from surveys.office import Office
from surveys.problems import Refused
from tests.support import record
from tests.support.doors import volunteer, wave_of


@pytest.fixture
def small(office: Office) -> record.Small:
    """A second interview from the web, and two uploads: one of the wave, one of nowhere."""
    small = record.begin(office)
    first, second = small.submission(), small.submission()
    record.accept(office, first)
    record.accept(office, second)
    with office.database.write() as session:
        user = volunteer(session, "王芳")
        for name, wave_id, unit_id, reason in (
            ("uuid:a", small.wave_id, small.units[1], "late"),
            ("uuid:b", None, None, "unknown"),
        ):
            session.add(
                Upload(
                    client_id=name,
                    kind="interview",
                    sha256=name,
                    status=uploads.HELD,
                    reason=reason,
                    user_id=user.id,
                    unit_id=unit_id,
                    wave_id=wave_id,
                )
            )
    return small


def test_everything_held_stands_in_one_list_with_its_reason(
    office: Office, small: record.Small
) -> None:
    with office.database.read() as session:
        found = held.of_wave(session, wave_of(session))
    assert {(one.source, one.reason, one.sender) for one in found} == {
        ("response", "second", ""),
        ("upload", "late", "王芳"),
        ("upload", "unknown", "王芳"),
    }
    assert all(one.reason in held.WHY and one.kind in held.KINDS for one in found)


def test_what_belongs_nowhere_is_shown_to_those_who_have_its_sender(
    office: Office, small: record.Small
) -> None:
    with office.database.read() as session:
        found = held.of_wave(session, wave_of(session))
    assert {one.reason for one in held.within(found, {small.east}, set())} == {"second", "late"}
    assert {one.reason for one in held.within(found, set(), {"王芳"})} == {"unknown"}


def test_a_finding_stands_beside_it_and_lets_nothing_in(
    office: Office, small: record.Small
) -> None:
    with office.database.write() as session:
        before = responses.counts(session, wave_of(session))
        for one in held.of_wave(session, wave_of(session)):
            held.note(session, one, " 已电话核实 ", "chen")
        found = held.of_wave(session, wave_of(session))
        assert {one.findings[0].text for one in found} == {"已电话核实"}
        assert responses.counts(session, wave_of(session)) == before


@pytest.mark.parametrize("text", ["", " ", "长" * 201])
def test_a_finding_says_something(office: Office, small: record.Small, text: str) -> None:
    with office.database.write() as session:
        one = held.of_wave(session, wave_of(session))[0]
        with pytest.raises(Refused, match="in at most 200 characters"):
            held.note(session, one, text, "chen")


def test_every_reason_of_an_upload_has_words() -> None:
    assert set(uploads.REASONS) <= set(held.WHY)
    assert set(uploads.KINDS) <= set(held.KINDS)
