"""Slips, codes and posters."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from surveys import waves
from surveys.audit import AuditEntry
from surveys.office import Office
from surveys.sampling import invitations
from surveys.waves import Wave
from tests.support.fieldwork import Fieldwork
from tests.support.pages import page_of, words

WAVE = "/staff/waves/2026-11"


def codes(office: Office) -> dict[str, str]:
    """Code → community of every slip."""
    with office.database.read() as session:
        slips = invitations.slips(session, office.keys, waves.get(session, "2026-11"))
    return {slip.code: slip.community for slip in slips}


def test_every_household_drawn_has_a_slip_with_its_code(
    desk: FlaskClient, fieldwork: Fieldwork, office: Office
) -> None:
    for community in fieldwork.communities:
        page = desk.get(f"{WAVE}/slips/{community}")
        said = words(page)
        own = [code for code, where in codes(office).items() if where == community]
        assert all(code in said for code in own)
        slips = [part for part in page_of(page).elements("article") if part.get("class") == "slip"]
        assert len(slips) == len(own) == 80
        assert "河口镇人民政府" in said
    assert desk.get(f"{WAVE}/slips/nowhere").status_code == 404


def test_the_codes_are_a_table_with_links_that_open(
    app: Flask, desk: FlaskClient, fieldwork: Fieldwork, office: Office
) -> None:
    answer = desk.get(f"{WAVE}/codes.csv")
    table = list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"))))
    assert {row["邀请码"] for row in table} == set(codes(office))
    link = table[0]["网址"]
    assert link == f"http://127.0.0.1:8000/i/{table[0]['邀请码']}"
    assert app.test_client().get(link.removeprefix("http://127.0.0.1:8000")).status_code == 200


def test_whoever_reads_codes_leaves_a_trace(desk: FlaskClient, office: Office) -> None:
    desk.get(f"{WAVE}/codes.csv")
    desk.get(f"{WAVE}/slips")
    with office.database.read() as session:
        entries = session.scalars(sa.select(AuditEntry).where(AuditEntry.actor == "staff.township"))
        assert [entry.action for entry in entries] == ["codes.export", "slips.print"]


def test_a_poster_leads_to_the_open_link_of_its_community(
    app: Flask, desk: FlaskClient, fieldwork: Fieldwork
) -> None:
    said = words(desk.get(f"{WAVE}/posters"))
    for community in fieldwork.communities:
        assert f"http://127.0.0.1:8000/s/2026-11/{community}" in said
        assert app.test_client().get(f"/s/2026-11/{community}").status_code == 200


@pytest.mark.parametrize("page", ["slips", "posters"])
def test_paper_of_a_synthetic_wave_says_so(desk: FlaskClient, office: Office, page: str) -> None:
    with office.database.write() as session:
        session.execute(sa.update(Wave).values(synthetic=True))
    assert "（演示数据）" in words(desk.get(f"{WAVE}/{page}"))


def test_staff_of_a_community_print_their_own_only(
    desk_of: Callable[..., FlaskClient], office: Office
) -> None:
    villager = desk_of("staff", "east")
    others = [code for code, community in codes(office).items() if community == "west"]
    for page in ("slips", "codes.csv", "posters"):
        text = villager.get(f"{WAVE}/{page}").text
        assert not any(code in text for code in others)
        assert "西村社区" not in text
        assert "/west" not in text
