"""The interviewer report: a line a pair, by name, without rates."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from surveys.fieldwork.attempts import Attempt
from surveys.office import Office
from surveys.responses import Response
from tests.support.harvest import NOON
from tests.support.pages import words

PAGE = "/staff/waves/2026-11/interviewers"
PAIRS = (("王芳", "李强"), ("陈静", "赵敏"))


@pytest.fixture
def signed(office: Office) -> None:
    """Two pairs sign the interviews in turn."""
    with office.database.write() as session:
        query = sa.select(Response.unit_id).where(Response.mode == "door", Response.eligible)
        for number, unit in enumerate(session.scalars(query.order_by(Response.id)).all()):
            actor, partner = PAIRS[number % 2]
            session.add(
                Attempt(unit_id=unit, at=NOON, outcome="interview", actor=actor, partner=partner)
            )


@pytest.mark.usefixtures("signed")
def test_pairs_stand_by_name_with_effect_and_interval(desk: FlaskClient) -> None:
    said = words(desk.get(PAGE))
    assert said.index("李强 + 王芳") < said.index("赵敏 + 陈静")
    assert "访问员效应" in said
    assert "95%区间" in said
    assert words(desk.get(f"{PAGE}?lang=en")).count("Refusal rate") == 1


@pytest.mark.usefixtures("signed")
def test_of_an_open_wave_it_tells_no_rate(desk: FlaskClient) -> None:
    """Of five people four are aware and three are satisfied: neither share is on the page."""
    said = words(desk.get(PAGE))
    assert "80.0%" not in said.partition("访问员效应")[2]
    assert "60.0%" not in said.partition("访问员效应")[2]


def test_unsigned_interviews_are_counted(desk: FlaskClient) -> None:
    assert "不知是谁做的" in words(desk.get(PAGE))
