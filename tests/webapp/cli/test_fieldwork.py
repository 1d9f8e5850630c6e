"""``minyi fieldwork``, ``campaign``, ``quality`` and ``exclude``."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from surveys import waves
from surveys.fieldwork import sealing
from surveys.fieldwork.attempts import Attempt
from surveys.office import Office
from surveys.responses import Response
from surveys.sampling import invitations
from surveys.sampling.units import SampledUnit
from tests.support import record
from tests.support.record import Small
from tests.webapp.cli.conftest import Minyi


@pytest.fixture
def small(sqlite_office: Office) -> Small:
    return record.begin(sqlite_office)


def code(office: Office, unit: int) -> str:
    with office.database.read() as session:
        return invitations.code_of(office.keys, session.get_one(SampledUnit, unit))


def test_an_attempt_is_recorded_by_code_or_number_and_shows_on_the_board(
    minyi: Minyi, sqlite_office: Office, small: Small
) -> None:
    words = ("fieldwork", "record", "2026-11")
    when = ("--at", "2026-11-05 18:30", "--partner", "li")
    slip = code(sqlite_office, small.units[0])
    said = minyi(*words, slip, "come_back", *when, "--return-at", "2026-11-06 09:00").output
    assert said == "The attempt is recorded.\n"
    said = minyi(*words, str(small.units[1]), "no_answer", *when, "--households", "3").output
    assert said.splitlines()[1].startswith("Ask household ")
    with sqlite_office.database.read() as session:
        first = session.scalars(sa.select(Attempt).order_by(Attempt.id)).first()
    assert first
    assert (first.at.isoformat(), first.partner) == ("2026-11-05T10:30:00+00:00", "li")
    lines = minyi("fieldwork", "board", "2026-11").output.splitlines()
    assert lines[1].split()[:8] == ["east", "东村", "10", "10", "0", "0", "2", "0"]
    assert [line.split()[0] for line in lines[1:]] == ["east", "west", "hekou"]
    alone = minyi("fieldwork", "board", "2026-11", "--area", "west").output.splitlines()
    assert [line.split()[0] for line in alone[1:]] == ["west", "hekou"]


def test_all_outcome_rates_are_had_with_their_counts(minyi: Minyi, small: Small) -> None:
    said = minyi("fieldwork", "board", "2026-11", "--rates").output
    assert "3.1    unknown whether anyone lives there" in said
    assert {"RR1", "RR6", "COOP4", "REF3", "CON1", "E"} <= {
        line.split()[0] for line in said.splitlines()
    }


def test_a_unit_of_no_such_wave_is_refused(minyi: Minyi, small: Small) -> None:
    said = minyi("fieldwork", "record", "2026-11", "99999", "refused", status=1).stderr
    assert said == "Wave 2026-11 has no unit 99999.\n"


def test_a_campaign_in_the_embargo_is_warned_of(minyi: Minyi, small: Small) -> None:
    early = minyi("campaign", "add", "east", "发放手册", "2020-01-01")
    assert (early.stdout, early.stderr) == ("The visit is registered.\n", "")
    late = minyi("campaign", "add", "west", "道德讲堂", "2998-01-01", "2998-01-02")
    assert late.stderr == "It falls into the embargo before wave 2026-11.\n"
    everything = minyi("campaign", "list").output.splitlines()
    assert [line.split()[2] for line in everything[1:]] == ["west", "east"]
    near = minyi("campaign", "list", "--wave", "2026-11").output.splitlines()
    assert [line.split()[-1] for line in near[1:]] == ["道德讲堂"]


def test_a_flagged_response_is_left_out_with_a_reason_and_let_in_again(
    minyi: Minyi, sqlite_office: Office, small: Small
) -> None:
    receipt = record.accept(sqlite_office, small.submission())
    with sqlite_office.database.write() as session:
        response = session.get_one(Response, receipt.response_id)
        response.answers = {**response.answers, "I1": "yes"}
    record.close(sqlite_office, small.wave_id)
    instance = response.instance_id
    said = minyi("quality", "2026-11").output.splitlines()
    assert said[1].split() == [instance, "east", "sample", "web", "told"]
    assert said[2] == "told: was told how to answer"
    assert "A reason" in minyi("exclude", "2026-11", instance, status=1).stderr
    minyi("exclude", "2026-11", instance, "--reason", "经核实")
    assert minyi("quality", "2026-11").output.splitlines()[1].split()[-1] == "经核实"
    minyi("exclude", "2026-11", instance, "--revoke")
    assert minyi("quality", "2026-11").output.splitlines()[1].split()[-1] == "told"


def test_nothing_is_opened_while_the_key_is_lost(
    minyi: Minyi, sqlite_office: Office, small: Small
) -> None:
    with sqlite_office.database.write() as session:
        sealing.to_tell(session, sqlite_office.sealing_keys, waves.get(session, "2026-11"))
    file = sqlite_office.sealing_keys / "2026-11"
    kept = file.read_text()
    file.unlink()
    lost = minyi("fieldwork", "reopen", "2026-11", status=1)
    assert "put the file keys/waves/2026-11 back from the backup" in lost.stderr
    assert not file.exists()
    file.write_text(kept)
    assert minyi("fieldwork", "reopen", "2026-11").output == "0 opened, 0 held as before.\n"
