"""Who may read what: every address of the reading pages and papers, walked by everybody.

A community's staff see their own branch and the pooled figure of the whole; of another community
neither name nor code nor figure. Nobody sees rates of an open wave.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

import pytest
from flask import Flask
from flask.testing import FlaskClient

from surveys import areas, people
from surveys.office import Office
from tests.support.fieldwork import WAVE, Fieldwork

RESULTS = f"/staff/results/{WAVE}"
OPEN, FORBIDDEN, ABSENT = 200, 403, 404


class Address(NamedTuple):
    """What an endpoint answers: to the township, to a community, to it about another."""

    endpoint: str
    path: str  # {place} is a community
    township: int = OPEN
    community: int = OPEN


# Addresses that name a place are walked twice: of one's own and of another community.
ADDRESSES = [
    Address("newest_results", "/staff/results/", 302, 302),
    Address("results", RESULTS),
    Address("results", f"{RESULTS}?definition=strict&plain=1"),
    Address("results_csv", f"{RESULTS}.csv"),
    Address("figure", f"{RESULTS}/figures/township/awareness"),
    Address("figure", f"{RESULTS}/figures/{{place}}/awareness"),
    Address("indicator", f"{RESULTS}/awareness"),
    Address("indicator_csv", f"{RESULTS}/awareness.csv"),
    Address("indicator_chart", f"{RESULTS}/awareness/ranks.json"),
    Address("indicator_chart", f"{RESULTS}/awareness/funnel.json"),
    Address("multiples", f"{RESULTS}/awareness/trends"),
    Address("beside", f"{RESULTS}/beside", OPEN, ABSENT),
    Address("beside", f"{RESULTS}/beside?a=east&b=west", OPEN, ABSENT),
    Address("area", "/staff/areas/township"),
    Address("area", "/staff/areas/{place}"),
    Address("area", "/staff/areas/{place}?span=quarter"),
    Address("area_chart", "/staff/areas/{place}/awareness.json"),
    Address("area_chart", "/staff/areas/township/awareness.json?span=year"),
    Address("area_csv", "/staff/areas/{place}.csv"),
    Address("questions", f"{RESULTS}/questions/"),
    Address("question", f"{RESULTS}/questions/K1?by=community"),
    Address("question", f"{RESULTS}/questions/K1?by=mode"),
    Address("question_csv", f"{RESULTS}/questions/K1.csv?by=community"),
    Address("dissatisfaction", f"{RESULTS}/dissatisfaction"),
    Address("dissatisfaction_csv", f"{RESULTS}/dissatisfaction.csv"),
    Address("weights", f"{RESULTS}/weights"),
    Address("margins_csv", f"{RESULTS}/margins.csv"),
    Address("sheet", f"{RESULTS}/sheets/{{place}}"),
    Address("publish", f"{RESULTS}/public", OPEN, FORBIDDEN),
    Address("papers", f"/staff/waves/{WAVE}/papers", OPEN, FORBIDDEN),
    Address("paper", f"/staff/waves/{WAVE}/papers/bulletin", ABSENT, FORBIDDEN),
    Address("boundaries", "/staff/boundaries"),
]
OF_COUNTS = {"papers", "boundaries", "newest_results"}  # there is something before the lock


@pytest.fixture
def community(desk_of: Callable[..., FlaskClient], office: Office) -> Callable[[str], FlaskClient]:
    """Staff of one community."""

    def log_in(branch: str) -> FlaskClient:
        with office.database.write() as session:
            area = areas.get(session, branch)
            if branch != "east":
                people.add_user(session, f"staff.{branch}", "staff", area, actor="test")
        return desk_of("staff", branch)

    return log_in


def paths(of: str) -> Iterator[tuple[Address, str, bool]]:
    """Every address with a community in its place; whether it is that of the reader."""
    for one in ADDRESSES:
        if "{place}" in one.path:
            for place in ("east", "west"):
                yield one, one.path.format(place=place), place == of
        else:
            yield one, one.path, True


def test_the_table_has_every_address_of_the_reading_pages(app: Flask) -> None:
    known = {
        rule.endpoint.removeprefix("staff.")
        for rule in app.url_map.iter_rules()
        if app.view_functions[rule.endpoint].__module__.startswith("webapp.staff.reading")
    }
    assert known - {"public.figures"} == {one.endpoint for one in ADDRESSES}


@pytest.mark.usefixtures("locked")
def test_the_township_reads_everything(desk: FlaskClient) -> None:
    for one, path, _own in paths(""):
        assert desk.get(path).status_code == one.township, path


@pytest.mark.usefixtures("locked")
@pytest.mark.parametrize(
    ("own", "others"), [("east", ("西村", "west")), ("west", ("东村", "east"))]
)
def test_a_community_reads_its_branch_and_the_whole_and_nothing_of_another(
    community: Callable[[str], FlaskClient], own: str, others: tuple[str, str]
) -> None:
    client = community(own)
    for one, path, is_own in paths(own):
        response = client.get(path)
        expected = one.community if is_own else ABSENT
        assert response.status_code == expected, path
        if response.mimetype != "application/pdf" and expected == OPEN:
            said = response.get_data(as_text=True)
            assert not [name for name in others if name in said], path


@pytest.mark.parametrize("branch", ["township", "east"])
def test_no_address_shows_rates_of_an_open_wave(
    desk_of: Callable[..., FlaskClient], fieldwork: Fieldwork, branch: str
) -> None:
    client = desk_of("staff", branch)
    for one, path, _own in paths("east"):
        response = client.get(path)
        if response.status_code == OPEN and one.endpoint not in OF_COUNTS:
            assert one.endpoint == "area", path
            assert '<data value="' not in response.get_data(as_text=True), path
        else:
            assert response.status_code in (OPEN, 302, FORBIDDEN, ABSENT), path
    assert fieldwork.wave == WAVE


@pytest.mark.usefixtures("locked")
def test_volunteers_and_strangers_read_nothing(
    desk_of: Callable[..., FlaskClient], client: FlaskClient
) -> None:
    volunteer = desk_of("volunteer", "east")
    for _one, path, _own in paths("east"):
        assert volunteer.get(path).status_code in (302, FORBIDDEN), path
        answer = client.get(path)
        assert answer.status_code == 302, path
        assert "/login" in answer.location, path
