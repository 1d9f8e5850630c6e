"""Communities beside each other: what is shown, to whom, and that it cannot be misread."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from surveys import areas, waves
from surveys.office import Office
from surveys.reading import boundaries, comparing, editions
from surveys.results import rankings
from tests.support.fieldwork import Fieldwork
from tests.support.pages import page_of, words

RESULTS = "/staff/results/2026-11"
SQUARE = [[[117.0, 31.0], [117.1, 31.0], [117.1, 31.1], [117.0, 31.1], [117.0, 31.0]]]


def feature(code: str) -> dict[str, object]:
    geometry = {"type": "Polygon", "coordinates": SQUARE}
    return {"type": "Feature", "properties": {"code": code}, "geometry": geometry}


def collection(*features: object) -> bytes:
    return json.dumps({"type": "FeatureCollection", "features": features}).encode()


@pytest.mark.usefixtures("locked")
def test_the_list_shows_rank_intervals_as_they_are_stored(
    desk: FlaskClient, office: Office
) -> None:
    with office.database.read() as session:
        stored = rankings.of(session, waves.get(session, "2026-11"), "awareness")
    said = words(desk.get(f"{RESULTS}/awareness"))
    for one in stored:
        if one.rank:
            assert f"{one.rank} {one.rank_from}–{one.rank_to}" in said
    table = list(
        csv.DictReader(io.StringIO(desk.get(f"{RESULTS}/awareness.csv").data.decode("utf-8-sig")))
    )
    assert {row["地区代码"]: row["名次"] for row in table} == {
        one.area: str(one.rank or "") for one in stored
    }
    desk.get(f"{RESULTS}/awareness?lang=en")


@pytest.mark.usefixtures("locked")
def test_two_communities_stand_beside_each_other_with_the_test(
    desk: FlaskClient, office: Office
) -> None:
    with office.database.read() as session:
        edition = editions.of(session, waves.get(session, "2026-11"))
        pair = [areas.get(session, code) for code in ("east", "west")]
        figures = editions.figures(session, edition, pair, edition.headline)
    apart = comparing.difference(figures["east", "support"], figures["west", "support"])
    said = words(desk.get(f"{RESULTS}/beside?a=east&b=west"))
    assert "东村社区" in said
    if apart:
        assert f"{apart.difference * 100:+.1f}".replace("-", "−") in said
    else:
        assert "样本不足" in said
    desk.get(f"{RESULTS}/beside?lang=en")


@pytest.mark.usefixtures("locked")
def test_small_multiples_are_readable_without_a_script(desk: FlaskClient) -> None:
    drawn = desk.get(f"{RESULTS}/awareness/trends").text
    assert drawn.count('<svg class="spark"') == 2
    desk.get(f"{RESULTS}/awareness/trends?lang=en")


@pytest.mark.usefixtures("locked")
def test_staff_of_a_community_rank_among_all_but_see_only_their_own(
    desk_of: Callable[..., FlaskClient],
) -> None:
    villager = desk_of("staff", "east")
    for address in ("awareness", "awareness.csv", "awareness/ranks.json", "awareness/trends"):
        answer = villager.get(f"{RESULTS}/{address}")
        assert answer.status_code == 200
        assert "西村社区" not in answer.get_data(as_text=True)
    assert villager.get(f"{RESULTS}/beside?a=east&b=west").status_code == 404
    assert villager.get(f"{RESULTS}/figures/west/awareness").status_code == 404


def test_no_part_of_an_open_wave_shows_a_rate(desk: FlaskClient, fieldwork: Fieldwork) -> None:
    parts = ("awareness", "awareness.csv", "awareness/ranks.json", "awareness/trends", "beside")
    more = ("questions/", "questions/K1", "questions/K1.csv", "figures/east/awareness", "public")
    for part in (*parts, *more):
        answer = desk.get(f"{RESULTS}/{part}")
        assert answer.status_code == 302, part
        assert answer.location.endswith("/staff/waves/2026-11"), part
    assert desk.get("/public/2026-11").status_code == 404
    assert desk.get("/staff/areas/east/awareness.json").status_code == 404


@pytest.mark.usefixtures("locked")
def test_outlines_make_a_map_without_any_other_server(desk: FlaskClient, office: Office) -> None:
    page = desk.get("/staff/boundaries")
    file = (io.BytesIO(collection(feature("east"), feature("9999"))), "a.geojson")
    assert "9999" in words(desk.submit(page, form=1, file=file))
    file = (io.BytesIO(collection(feature("east"), feature("west"))), "a.geojson")
    assert desk.submit(page, form=1, file=file).status_code == 302
    said = desk.get(f"{RESULTS}/awareness")
    assert any(one.get("class") == "chart map" for one in page_of(said).elements("figure"))
    desk.get(f"{RESULTS}/awareness?lang=en")


@pytest.mark.parametrize(
    "data", [b"", b"[]", b"{}", b'{"features": [1]}', b'{"features": null}', b"\xff"]
)
def test_what_is_no_geojson_is_refused(sqlite_office: Office, data: bytes) -> None:
    from surveys.problems import Refused

    with sqlite_office.database.write() as session, pytest.raises(Refused):
        boundaries.upload(session, data, [], "test")


@pytest.mark.usefixtures("locked")
def test_another_definition_of_a_rate_is_ranked_beside_it_and_labelled(desk: FlaskClient) -> None:
    main = desk.get(f"{RESULTS}/awareness")
    strict = f"{RESULTS}/awareness_strict"
    assert f'href="{strict}"' in main.text
    assert "主口径" in main.text
    page = desk.get(strict)
    assert "判定以主口径为准" in page.text
    assert "严口径" in page.text
    assert "严口径" not in desk.get(f"{RESULTS}/env_living").text
