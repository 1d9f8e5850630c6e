"""A volunteer with their phone: assigned addresses in the record, and the app as fingers use it."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field

import sqlalchemy as sa
from playwright.sync_api import Page, expect

from surveys import people
from surveys.fieldwork import assignments
from surveys.fieldwork.attempts import Attempt
from surveys.fieldwork.rechecks import Recheck
from surveys.office import Office
from surveys.responses import Response
from surveys.sampling.units import SampledUnit
from tests.support import harvest

PASSWORD = "correct horse battery"
PIN = "2468"
PATIENCE = 30_000  # milliseconds; the machine may be busy
_numbers = itertools.count(1)


@dataclass
class Volunteer:
    """Someone with an account and addresses of their own.

    Parameters
    ----------
    office : Office
        Whose record it is.
    url : str
        Of its server.
    name : str
        Of the account.
    units : list of int
        The addresses assigned, in the order of the list.
    """

    office: Office
    url: str
    name: str
    units: list[int] = field(default_factory=list)

    def log_in(self, page: Page) -> None:
        """Log in from the app's first screen, choose a PIN, and come to the list."""
        page.goto(f"{self.url}/volunteer/")
        page.get_by_role("link", name="登录").click(timeout=PATIENCE)
        page.get_by_label("用户名").fill(self.name)
        page.get_by_label("密码").fill(PASSWORD)
        page.get_by_role("button", name="登录").click()
        again = page.get_by_role("button", name="再试一次")  # a busy server may miss the first call
        page.locator("#pin").or_(again).first.wait_for(timeout=PATIENCE)
        if again.is_visible():
            again.click()
        page.locator("#pin").fill(PIN)
        page.get_by_role("button", name="就用这个解锁码").click()
        expect(page.locator(".doorway")).to_have_count(len(self.units), timeout=PATIENCE)

    def attempts(self) -> list[tuple[int, str]]:
        """What the record holds of visits, as they were made: place in the list, outcome."""
        query = (
            sa.select(Attempt.unit_id, Attempt.outcome)
            .where(Attempt.unit_id.in_(self.units))
            .order_by(Attempt.at)  # an interview is sent at once, an attempt after its grace
        )
        with self.office.database.read() as session:
            found = session.execute(query).all()
        return [(self.units.index(unit), outcome) for unit, outcome in found]

    def responses(self) -> list[Response]:
        """The interviews that the record holds."""
        query = sa.select(Response).where(Response.unit_id.in_(self.units)).order_by(Response.id)
        with self.office.database.read() as session:
            return list(session.scalars(query))


def volunteer(office: Office, url: str, addresses: int = 4) -> Volunteer:
    """Make a volunteer, and assign them addresses that nobody has.

    From the end of the draw: the residents of other tests answer slips from its beginning.
    """
    name = f"volunteer{next(_numbers)}"
    with office.database.write() as session:
        user, _ = people.add_user(session, name, "volunteer", None, PASSWORD, actor="test")
        units = sorted(session.scalars(_free().limit(addresses)), key=lambda unit: unit.id)
        assignments.assign(session, user, units, "test")
        return Volunteer(office, url, name, [unit.id for unit in units])


def _free() -> sa.Select[SampledUnit]:
    """Addresses that nobody has and nobody has answered from, the last of the draw first."""
    taken = sa.select(assignments.Assignment.unit_id)
    answered = sa.select(Response.unit_id).where(Response.unit_id.is_not(None))
    return (
        sa.select(SampledUnit)
        .where(
            SampledUnit.id.not_in(taken),
            SampledUnit.id.not_in(answered),
            SampledUnit.released_at.is_not(None),
        )
        .order_by(SampledUnit.id.desc())
    )


def recheck(liu: Volunteer, said: dict[str, str]) -> int:
    """Others have interviewed at an address, and this volunteer is to confirm it; its number."""
    with liu.office.database.write() as session:
        unit = session.scalars(_free().limit(1)).one()
        name = f"recheck-{next(_numbers)}"
        receipt = harvest.accept(session, "2026-11", name, said, unit=unit, mode="door")
        user = people.get(session, liu.name)
        one = Recheck(response_id=receipt.response_id, drawn_by="test", user_id=user.id)
        session.add(one)
        session.flush()
        return one.id


def answer_on_the_web(liu: Volunteer, unit: int) -> None:
    """The household at one of a volunteer's addresses answers from its slip."""
    with liu.office.database.write() as session:
        one = session.get_one(SampledUnit, unit)
        receipt = harvest.accept(
            session, "2026-11", f"web-{next(_numbers)}", harvest.answers(2), unit=one
        )
    assert receipt.status == "stored"


def unlock(page: Page) -> None:
    """Type the PIN."""
    page.locator("#pin").fill(PIN, timeout=PATIENCE)
    page.get_by_role("button", name="解锁").click()
    expect(page.locator("#pin")).to_be_hidden(timeout=PATIENCE)


def go(page: Page, address: str) -> None:
    """Go to a screen by its address, and wait until it is there, or the one it leads on to."""
    page.evaluate("address => { location.hash = address; }", f"#/{address}")
    page.wait_for_function(
        """() => document.documentElement.dataset.screen
            === decodeURIComponent(location.hash.replace(/^#\\/?/, ""))"""
    )


def attempt(page: Page, unit: int, words: str) -> None:
    """From the list, two taps: no interview, and what came of it."""
    go(page, f"door/{unit}")
    page.get_by_role("link", name="这次没有访成").click()
    page.get_by_role("button", name=words, exact=True).click()
    expect(page.get_by_role("heading", name="已记下")).to_be_visible()
    go(page, "")


def begin(page: Page, unit: int) -> None:
    """Select the respondent and begin the interview."""
    go(page, f"door/{unit}")
    page.get_by_role("link", name="访问", exact=True).click()
    page.get_by_role("button", name="一户", exact=True).click()
    page.get_by_role("button", name="这位在家").click()
    page.get_by_role("button", name="对方同意，开始").click()
    expect(page.locator("#answers")).to_be_visible()


def answer(page: Page) -> str:
    """Answer the page with the first choice of everything, and go on; gives the page's address."""
    page.locator("#answers").wait_for()
    here = page.url
    for question in page.locator("#answers fieldset").all():
        question.locator(".choice label").first.click()
    for area in page.locator("#answers > .question > textarea").all():
        area.fill("东门的路灯坏了。")
    shown = page.locator("#answers").element_handle()
    page.locator(".deck button").first.click()
    page.wait_for_function("form => !form.isConnected", arg=shown)
    end = page.get_by_role("button", name="完成并封存")
    page.locator("#answers").or_(end).first.wait_for()
    return here


def interview(page: Page, pages: int | None = None) -> None:
    """Answer so many pages, or all."""
    page.locator("#answers").wait_for()  # else its absence would look like the end
    for number in itertools.count(1):
        if not page.locator("#answers").count() or (pages and number > pages):
            break
        answer(page)


def seal(page: Page) -> None:
    """Finish the interview that has been answered to its end."""
    page.get_by_role("button", name="完成并封存").click()
    expect(page.get_by_role("heading", name="已封存")).to_be_visible()


def send(page: Page) -> None:
    """Have everything sent, and wait until the server has it."""
    go(page, "queue")
    page.get_by_role("button", name="现在发送").click()
    expect(page.get_by_text("服务器都已收到")).to_be_visible(timeout=PATIENCE)


def numbers(page: Page) -> list[int]:
    """Stored here, sent, refused, as the queue page says."""
    go(page, "queue")
    page.locator(".numbers-three").wait_for()
    return [int(text) for text in page.locator(".numbers-three b").all_inner_texts()]
