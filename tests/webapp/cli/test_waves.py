"""``minyi wave``."""

from __future__ import annotations

import datetime as dt

import pytest

from surveys import waves
from surveys.office import Office
from tests.support import record
from tests.webapp.cli.conftest import Minyi

CREATE = ("wave", "create", "2026-11", "--title", "十一月测评", "--area", "hekou")


@pytest.fixture
def township(sqlite_office: Office) -> Office:
    """An office with a township and a published questionnaire."""
    with sqlite_office.database.write() as session:
        record.township(session)
        record.publish(session)
    return sqlite_office


def test_a_wave_is_created_opened_and_closed(minyi: Minyi, township: Office) -> None:
    created = minyi(*CREATE, "--questionnaire", "small")
    assert created.output.startswith("Wave 2026-11 is made.")
    opened = minyi("wave", "open", "2026-11")
    assert opened.stdout == "Wave 2026-11 is open.\n"
    assert "approval or filing number is blank" in opened.stderr
    assert minyi("wave", "close", "2026-11").output == "Wave 2026-11 is closed.\n"
    assert "cannot be opened: it is closed" in minyi("wave", "open", "2026-11", status=1).stderr
    assert minyi("wave", "list").output == "2026-11  2026-11  closed  十一月测评\n"


def test_every_particular_of_a_wave_can_be_said(minyi: Minyi, township: Office) -> None:
    minyi(
        *CREATE,
        *("--questionnaire", "small", "--month", "2026-10", "--title-en", "October"),
        *("--sponsor", "镇政府", "--approval-number", "皖统〔2026〕1号", "--kind", "campaign"),
        *("--valid-until", "2027-01-31", "--target", "support=0.9", "--seed", "42"),
        *("--selection", "kish", "--response-floor", "0.5", "--embargo-days", "21"),
        *("--fieldwork-from", "2026-10-03", "--fieldwork-until", "2026-10-26"),
        *("--weighting", "nonresponse=propensity", "--weighting", "trim=4"),
    )
    with township.database.read() as session:
        wave = waves.get(session, "2026-11")
    assert (wave.month, wave.title_en, wave.kind) == ("2026-10", "October", "campaign")
    assert (wave.sponsor, wave.approval_number) == ("镇政府", "皖统〔2026〕1号")
    assert (wave.valid_until, wave.targets, wave.seed) == (
        dt.date(2027, 1, 31),
        {"support": 0.9},
        42,
    )
    assert (wave.selection, wave.response_floor, wave.embargo_days) == ("kish", 0.5, 21)
    assert (wave.fieldwork_from, wave.fieldwork_until) == (
        dt.date(2026, 10, 3),
        dt.date(2026, 10, 26),
    )
    assert (wave.weighting["nonresponse"], wave.weighting["trim"]) == ("propensity", 4)
    assert waves.warnings(wave) == []


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (("--questionnaire", "none"), "There is no questionnaire none."),
        (("--questionnaire", "small", "--target", "support"), "“support” is no target"),
        (("--questionnaire", "small", "--weighting", "trim"), "“trim” is no setting"),
        (("--questionnaire", "small", "--weighting", "trim=1"), "cannot have “1” as its trim"),
        (("--questionnaire", "small", "--month", "November"), "“November” is no month"),
    ],
)
def test_a_wave_with_faults_is_refused(
    minyi: Minyi, township: Office, more: tuple[str, ...], said: str
) -> None:
    assert said in minyi(*CREATE, *more, status=1).stderr
    assert minyi("wave", "list").output == ""


def test_a_wave_under_way_shows_counts_and_no_rates(minyi: Minyi, sqlite_office: Office) -> None:
    small = record.begin(sqlite_office)
    record.accept(sqlite_office, small.submission())
    record.accept(sqlite_office, small.submission(answers={"S1": "no"}))
    record.accept(sqlite_office, small.submission())
    said = minyi("wave", "show", "2026-11").output.splitlines()
    assert said[0] == "2026-11  2026-11  open  十一月测评"
    assert said[2].split() == ["east", "东村", "sample", "web", "1", "1"]
    assert said[3] == "held (second): 1"


def test_a_wave_that_is_open_is_not_locked(minyi: Minyi, sqlite_office: Office) -> None:
    record.begin(sqlite_office)
    assert "2026-11" in minyi("wave", "lock", "2026-11", status=1).stderr
