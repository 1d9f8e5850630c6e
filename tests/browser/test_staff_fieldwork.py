"""The pages about fieldwork, at a desk and on a phone, in both languages: axe finds nothing."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
import sqlalchemy as sa
from playwright.sync_api import Browser, Page

from surveys import people, waves
from surveys.fieldwork import attempts, shifts
from surveys.fieldwork.uploads import Upload
from surveys.sampling.units import SampledUnit
from tests.browser import volunteer as app
from tests.browser.conftest import Live
from tests.support import harvest
from tests.support.browser import DESK, PHONE, watched_page

NOW = dt.datetime.now(dt.UTC)


@pytest.fixture(scope="module")
def work(live: Live) -> tuple[app.Volunteer, dict[str, int]]:
    """A volunteer who was out, with a re-check to make; something held, something remarkable."""
    liu = app.volunteer(live.fieldwork.office, live.url, addresses=4)
    number = app.recheck(liu, harvest.answers(0))
    with live.fieldwork.office.database.write() as session:
        user, wave = people.get(session, liu.name), waves.get(session, live.fieldwork.wave)
        unit = session.get_one(SampledUnit, liu.units[0])
        attempts.record(session, unit, "come_back", NOW, liu.name, return_at=NOW + dt.timedelta(1))
        shifts.record(session, user, NOW - dt.timedelta(hours=3), NOW)
        for name, given in {
            "held": {"status": "held", "reason": "sealed"},
            "remarked": {"status": "stored", "remarks": "moved recount"},
        }.items():
            upload = Upload(client_id=name, kind="interview", sha256=name, user_id=user.id, **given)
            upload.wave_id, upload.unit_id, upload.body = wave.id, unit.id, b"{}"
            session.add(upload)
        session.flush()
        held = session.scalars(sa.select(Upload.id).where(Upload.client_id == "held")).one()
        return liu, {"recheck": number, "unit": unit.id, "held": held, "user": user.id}


def staff_pages(of: dict[str, int]) -> list[str]:
    wave = "/staff/waves/2026-11"
    return [
        f"{wave}/board",
        f"{wave}/assignments/east",
        f"{wave}/assignments/east?show=all",
        f"{wave}/rechecks",
        f"{wave}/rechecks/{of['recheck']}",
        f"{wave}/interviewers",
        f"{wave}/held",
        f"{wave}/held/upload/{of['held']}",
        f"{wave}/quality",
        "/staff/service",
        f"/staff/users/{of['user']}/particulars",
        "/visits/2026-11/east",
        f"/visits/2026-11/units/{of['unit']}",
    ]


def volunteer_pages(of: dict[str, int]) -> list[str]:
    recheck = f"/visits/2026-11/rechecks/{of['recheck']}"
    return ["/visits/", "/visits/service", "/visits/rechecks", recheck]


@pytest.mark.parametrize("who", ["staff", "volunteer"])
@pytest.mark.parametrize(
    ("screen", "language"), [(DESK, "zh"), (PHONE, "en")], ids=["desk", "phone"]
)
def test_axe_finds_nothing_and_nothing_sticks_out(
    live: Live,
    browser: Browser,
    axe: Callable[[Page], None],
    work: tuple[app.Volunteer, dict[str, int]],
    *,
    screen: dict[str, object],
    language: str,
    who: str,
) -> None:
    liu, numbers = work
    is_staff = who == "staff"
    name, password = ("admin", live.fieldwork.password) if is_staff else (liu.name, app.PASSWORD)
    with watched_page(browser, **screen) as page:
        page.goto(f"{live.url}/login?next=/visits/service")
        page.locator("[name=name]").fill(name)
        page.locator("[name=password]").fill(password)
        page.locator("form.form button").click()
        page.wait_for_url("**/visits/service")
        for address in (staff_pages if is_staff else volunteer_pages)(numbers):
            mark = "&" if "?" in address else "?"
            answer = page.goto(f"{live.url}{address}{mark}lang={language}")
            assert answer is not None
            assert answer.status == 200, address
            axe(page)
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), address
