"""Who is asked is the software's choice: the household, the adult; a wrong count leaves a trace."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from playwright.sync_api import Page, expect

from surveys.fieldwork import attempts, interviews, selection
from surveys.fieldwork.attempts import Attempt
from surveys.fieldwork.shifts import Shift
from surveys.people import User
from surveys.sampling.units import SampledUnit
from surveys.waves import Wave
from tests.browser import volunteer as app
from tests.browser.conftest import Live
from tests.browser.volunteer import Volunteer


@pytest.fixture
def kish(live: Live) -> Iterator[None]:
    """The wave chooses among counted adults (set past the wave's own guard)."""
    for rule in ("kish", "next_birthday"):
        with live.fieldwork.office.database.write() as session:
            session.execute(sa.update(Wave).values(selection=rule))
        if rule == "kish":
            yield


def of_unit(liu: Volunteer, unit: int) -> tuple[SampledUnit, Wave]:
    with liu.office.database.read() as session:
        found = session.get_one(SampledUnit, unit)
        return found, session.get_one(Wave, found.wave_id)


@pytest.mark.usefixtures("kish")
def test_a_corrected_count_of_adults_chooses_anew_and_both_reach_the_office(
    live: Live, app_phone: Page
) -> None:
    liu = app.volunteer(live.fieldwork.office, live.url)
    liu.log_in(app_phone)
    unit, wave = of_unit(liu, liu.units[0])
    app.go(app_phone, f"door/{unit.id}")
    app_phone.get_by_role("link", name="访问", exact=True).click()
    app_phone.get_by_role("button", name="一户", exact=True).click()
    app_phone.get_by_role("button", name="3", exact=True).click()
    first = selection.adult(wave.seed, unit.address_id, 3)
    expect(app_phone.locator(".whom")).to_be_visible()
    assert str(first) in app_phone.locator(".whom").inner_text() or first == 1
    app_phone.reload()  # whoever tries again meets the same choice
    app.unlock(app_phone)
    whom = app_phone.locator(".whom").inner_text()
    app_phone.locator(".more summary").click()
    app_phone.get_by_role("button", name="重新数").click()  # without a reason nothing happens
    expect(app_phone.locator(".whom")).to_have_text(whom)
    app_phone.locator("#reason").fill("有一位在外地工作")
    app_phone.get_by_role("button", name="重新数").click()
    app_phone.get_by_role("button", name="2", exact=True).click()
    expect(app_phone.locator(".whom")).to_contain_text("2")
    app_phone.get_by_role("button", name="这位在家").click()
    app_phone.get_by_role("button", name="对方同意，开始").click()
    app.interview(app_phone)
    app.seal(app_phone)
    app.send(app_phone)
    [response] = liu.responses()
    with liu.office.database.read() as session:
        how = interviews.of_response(session, response)
    assert how is not None
    chosen = selection.adult(wave.seed, unit.address_id, 2)
    assert (how.selection, how.adults, how.chosen) == ("kish", 2, chosen)
    [correction] = how.corrections
    assert (correction["adults"], correction["chosen"]) == (3, first)
    assert correction["reason"] == "有一位在外地工作"


def test_of_several_households_the_drawn_one_is_asked(live: Live, app_phone: Page) -> None:
    liu = app.volunteer(live.fieldwork.office, live.url)
    liu.log_in(app_phone)
    app.go(app_phone, f"door/{liu.units[0]}")
    app_phone.get_by_role("link", name="访问", exact=True).click()
    app_phone.get_by_role("button", name="不止一户").click()
    app_phone.get_by_role("button", name="4", exact=True).click()
    unit, wave = of_unit(liu, liu.units[0])
    drawn = selection.household(wave.seed, unit.address_id, 4)
    expect(app_phone.locator(".note")).to_contain_text(f"问第{drawn}户")
    app_phone.get_by_role("link", name="现在不行").click()
    app_phone.get_by_role("button", name="被选中的人外出").click()
    app_phone.wait_for_timeout(8200)  # it can be taken back so long
    app.send(app_phone)
    unit, wave = of_unit(liu, liu.units[0])
    assert unit.households == 4
    assert attempts.chosen_household(wave, unit) == drawn
    app.go(app_phone, f"door/{unit.id}/select")  # counted once: nobody is asked again
    expect(app_phone.locator(".note")).to_contain_text(f"问第{drawn}户")


def test_the_partner_and_the_declared_hours_are_on_record(live: Live, app_phone: Page) -> None:
    liu = app.volunteer(live.fieldwork.office, live.url)
    partner = app.volunteer(live.fieldwork.office, live.url, addresses=0)
    liu.log_in(app_phone)
    app_phone.get_by_label("同行").select_option(partner.name)
    app.attempt(app_phone, liu.units[0], "敲门无人应答")
    app.go(app_phone, "shift")
    app_phone.get_by_label("从").fill("2020-01-01T09:00")  # too long ago for these two hours
    app_phone.get_by_role("button", name="申报").click()
    expect(app_phone.locator(".problems")).to_be_visible()
    now = dt.datetime.now()
    for label, hours in (("从", 3), ("到", 1)):
        moment = now - dt.timedelta(hours=hours)
        app_phone.get_by_label(label).fill(f"{moment:%Y-%m-%dT%H:%M}")
    app_phone.get_by_role("button", name="申报").click()
    app_phone.locator(".numbers-three").wait_for()
    app_phone.wait_for_timeout(8200)
    app.send(app_phone)
    with liu.office.database.read() as session:
        [visit] = session.scalars(sa.select(Attempt).where(Attempt.unit_id == liu.units[0]))
        query = sa.select(Shift).join(User, User.id == Shift.user_id).where(User.name == liu.name)
        [shift] = session.scalars(query)
    assert (visit.actor, visit.partner) == (liu.name, partner.name)
    assert (shift.hours, shift.partner) == (2, partner.name)
