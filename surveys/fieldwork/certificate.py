"""The service record as a certificate: one page of A4, to be stamped and handed over.

It is Chinese whatever the reader's language: it is for those who served and whom they show it to.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Literal

from surveys import printing
from surveys.fieldwork.service import Period, Service

TEMPLATE = Path(__file__).with_suffix(".typ")


def made(
    service: Service,
    period: Period,
    *,
    place: str,
    sponsor: str,
    today: dt.date,
    synthetic: bool = False,
    form: Literal["pdf", "svg"] = "pdf",
) -> bytes:
    """Set the certificate.

    Parameters
    ----------
    place : str
        Where they served, as it stands in the sentence: 河口镇.
    sponsor : str
        Above the stamp; blank leaves the line to be filled in.
    """
    content = {
        "name": service.full_name or service.name,
        "from": _day(period.first),
        "until": _day(period.last),
        "place": place,
        "sponsor": sponsor,
        "visits": str(service.visits),
        "days": str(service.days),
        "hours": hours(service),
        "made": _day(today),
        "synthetic": synthetic,
    }
    return printing.typeset(TEMPLATE, content, form)


def hours(service: Service) -> str:
    """Hours to a tenth, without a zero that says nothing.

    >>> hours(Service("王芳", hours=4.0)), hours(Service("王芳", hours=2.25))
    ('4', '2.2')
    """
    return f"{service.hours:.1f}".removesuffix(".0")


def _day(day: dt.date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"
