"""Papers on the staff screens: who may make them, and what they find there."""

from __future__ import annotations

import io
import time
from collections.abc import Callable

from flask.testing import FlaskClient
from pypdf import PdfReader

from tests.support.fieldwork import Fieldwork
from tests.support.pages import words

PAPERS = "/staff/waves/2026-11/papers"


def test_papers_are_made_at_the_press_of_a_button_and_fetched(
    desk: FlaskClient, locked: Fieldwork
) -> None:
    asked = desk.get(PAPERS)
    assert "还没有做" in words(asked)
    assert desk.get(f"{PAPERS}/ranking").status_code == 404
    desk.submit(asked, form=1)
    for _try in range(600):
        if "正在" not in words(desk.get(PAPERS)):
            break
        time.sleep(0.1)
    said = words(desk.get(f"{PAPERS}?lang=en"))
    assert said.count("Download") == 5
    fetched = desk.get(f"{PAPERS}/ranking")
    assert fetched.status_code == 200
    assert fetched.data.startswith(b"PK")
    fetched.close()


def test_an_open_wave_has_its_weekly_report_only(desk: FlaskClient, fieldwork: Fieldwork) -> None:
    said = words(desk.get(PAPERS))
    assert "督查周报" in said
    assert "通报" not in said
    assert desk.get(f"{PAPERS}/bulletin").status_code == 404


def test_a_community_fetches_its_own_sheet_and_nothing_else(
    desk_of: Callable[..., FlaskClient], locked: Fieldwork
) -> None:
    desk = desk_of("staff", "east")
    assert desk.get(PAPERS).status_code == 403
    assert desk.get(f"{PAPERS}/technical").status_code == 403
    sheet = desk.get("/staff/results/2026-11/sheets/east")
    assert "东村社区" in PdfReader(io.BytesIO(sheet.data)).pages[0].extract_text()
    assert desk.get("/staff/results/2026-11/sheets/west").status_code == 404


def test_the_sheet_of_an_open_wave_leads_back_to_its_counts(
    desk: FlaskClient, fieldwork: Fieldwork
) -> None:
    answer = desk.get("/staff/results/2026-11/sheets/east")
    assert answer.status_code == 302
    assert answer.location.endswith("/staff/waves/2026-11")
