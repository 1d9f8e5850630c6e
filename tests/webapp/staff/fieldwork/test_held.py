"""The page of what is held aside."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from surveys.fieldwork.held import Finding
from surveys.office import Office
from surveys.responses import Response
from tests.support import harvest
from tests.support.fieldwork import Fieldwork
from tests.support.pages import words

PAGE = "/staff/waves/2026-11/held"


@pytest.fixture
def second(fieldwork: Fieldwork) -> None:
    """A household of the first community answers a second time."""
    receipt = harvest.hand_in(fieldwork, "again", harvest.answers(0), harvest.units(fieldwork)[0])
    assert receipt.reason == "second"


@pytest.mark.usefixtures("second")
def test_it_says_why_and_a_finding_stays_beside_it(desk: FlaskClient, office: Office) -> None:
    assert "这一户已经答过" in words(desk.get(PAGE))
    with office.database.read() as session:
        before = session.scalar(sa.select(sa.func.count()).select_from(Response))
    form = desk.get(f"{PAGE}/response/1")
    assert desk.submit(form, form=1, text="").status_code == 422
    assert desk.submit(form, form=1, text="两组同一天到访").location == PAGE
    assert "两组同一天到访" in words(desk.get(PAGE))
    with office.database.read() as session:
        assert session.scalars(sa.select(Finding.actor)).one() == "staff.township"
        assert session.scalar(sa.select(sa.func.count()).select_from(Response)) == before


def test_other_branches_do_not_see_it(
    desk_of: Callable[..., FlaskClient], fieldwork: Fieldwork
) -> None:
    west = harvest.units(fieldwork)[-1]
    for name in ("one", "two"):
        receipt = harvest.hand_in(fieldwork, name, harvest.answers(0), west)
    assert receipt.reason == "second"
    assert "这一户已经答过" in words(desk_of("staff").get(PAGE))
    assert "没有另存的内容" in words(desk_of("staff", "east").get(PAGE))
    assert desk_of("staff", "east").get(f"{PAGE}/response/1").status_code == 404


def test_with_nothing_held_the_page_says_so(desk: FlaskClient) -> None:
    assert "没有另存的内容" in words(desk.get(PAGE))
