"""The certificate prints what it is given, in a font that has every character."""

from __future__ import annotations

import datetime as dt
import io

from pypdf import PdfReader

from surveys import printing
from surveys.fieldwork import certificate
from surveys.fieldwork.service import Period, Service

YEAR = Period(dt.date(2026, 1, 1), dt.date(2026, 12, 31))


def words(service: Service) -> str:
    """What its certificate says."""
    today = dt.date(2026, 12, 31)
    pdf = certificate.made(service, YEAR, place="河口镇", sponsor="河口镇人民政府", today=today)
    (page,) = PdfReader(io.BytesIO(pdf)).pages
    return page.extract_text()


def test_it_names_people_in_full_and_by_their_account_if_that_is_all_there_is() -> None:
    assert "王芳" in words(Service("vol03", 90, full_name="王芳"))
    assert "vol03" not in words(Service("vol03", 90, full_name="王芳"))
    assert "vol03" in words(Service("vol03", 90))


def test_it_is_one_page_and_every_character_is_in_the_font() -> None:
    made = certificate.made(
        Service("王芳", 90, 30, 184.5),
        YEAR,
        place="河口镇",
        sponsor="河口镇人民政府",
        today=dt.date(2026, 12, 31),
    )
    assert made.startswith(b"%PDF")
    assert made.count(b"/Type /Page\n") + made.count(b"/Type/Page/") <= 1
    assert printing.unprintable(certificate.TEMPLATE.read_text("utf-8")) == ""
