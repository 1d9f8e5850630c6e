"""Door slips on paper."""

from __future__ import annotations

import datetime as dt
import re

import pytest

from surveys import printing
from surveys.office import Office
from surveys.problems import Refused
from surveys.sampling import slips
from surveys.sampling.invitations import Slip
from surveys.sampling.slips import Sheets
from surveys.waves import Wave
from tests.support import record

ADDRESSES = ("河口路1号3号楼2单元501室", "鑫苑小区甲栋（东）·12-3", "Ａ座—0")


def sheets(number: int = 5, **blank: object) -> Sheets:
    """Slips of a wave that stands in no record."""
    values = {
        "sponsor": "河口镇文明建设办公室",
        "approval_number": "演示〔2026〕4号",
        "valid_until": dt.date(2026, 12, 31),
        "synthetic": True,
    }
    found = [
        Slip("east", ADDRESSES[place % len(ADDRESSES)], "K7QM-3FWP-X2", "东村社区")
        for place in range(number)
    ]
    return Sheets(Wave(**{**values, **blank}), "社区生活环境调查", found)


def pages(pdf: bytes) -> int:
    """How many pages a PDF says it has."""
    return max(int(count) for count in re.findall(rb"/Count (\d+)", pdf))


@pytest.mark.parametrize(("number", "sheets_of_paper"), [(1, 1), (4, 1), (5, 2)])
def test_four_slips_share_a_sheet(number: int, sheets_of_paper: int) -> None:
    printed = slips.pdf(sheets(number), "https://survey.example")
    assert printed.startswith(b"%PDF")
    assert pages(printed) == sheets_of_paper


def test_only_the_font_of_the_package_is_used() -> None:
    printed = slips.pdf(sheets(), "https://survey.example")
    fonts = set(re.findall(rb"/BaseFont ?/[A-Z]{6}\+([A-Za-z-]+)", printed))
    assert {font.removesuffix(b"-Identity-H") for font in fonts} == {b"NotoSansCJKsc-Regular"}


def test_a_wave_that_names_nobody_still_prints() -> None:
    bare = sheets(2, sponsor="", approval_number="", valid_until=None, synthetic=False)
    assert slips.pdf(bare, "http://127.0.0.1:8000").startswith(b"%PDF")


def test_a_sheet_can_be_looked_at_first() -> None:
    assert slips.png(sheets(), "https://survey.example").startswith(b"\x89PNG")


def test_the_words_of_the_slip_are_printable() -> None:
    words = slips.TEMPLATE.read_text("utf-8")
    assert printing.unprintable(words + "".join(ADDRESSES)) == ""


def test_the_words_of_the_slip_stand_in_full_width() -> None:
    words = re.findall(r"\[([^\]]*[一-鿿][^\]]*)\]", slips.TEMPLATE.read_text("utf-8"))
    assert words
    for text in words:
        assert not re.search(r"[一-鿿] ?[,.;:!?()]", text), text


def test_printing_leaves_a_trace_and_needs_a_sample(sqlite_office: Office) -> None:
    small = record.begin(sqlite_office)
    with sqlite_office.database.write() as session:
        wave = session.get_one(Wave, small.wave_id)
        keys = sqlite_office.keys
        found = slips.of_wave(session, keys, wave, "east", "test")
        assert len(found.slips) == len(small.units)
        assert {slip.place for slip in found.slips} == {"东村"}
        with pytest.raises(Refused, match="no slips to print"):
            slips.of_wave(session, keys, wave, "nowhere", "test")
