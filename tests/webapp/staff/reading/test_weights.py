"""How weights were made, read by those who want to check them."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from surveys import waves
from surveys.office import Office
from surveys.results import readings
from tests.support.fieldwork import Fieldwork
from tests.support.pages import page_of, words
from webapp.staff.reading.weights import Category

WEIGHTS = "/staff/results/2026-11/weights"


def test_every_step_stands_with_its_settings_and_sums(
    desk: FlaskClient, locked: Fieldwork, office: Office
) -> None:
    page = desk.get(WEIGHTS)
    said = words(page)
    with office.database.read() as session:
        stored = readings.weights(session, waves.get(session, "2026-11"))
    assert stored is not None
    assert stored.sha256 in said
    assert "minyi replay 2026-11" in said
    for word in ("地址入样概率", "户内成年人数", "无应答", "校准与截尾"):
        assert word in said
    for step in stored.settings["steps"]:
        assert f"{step['after']['sum']:,.1f}" in said
    desk.get(f"{WEIGHTS}?lang=en")


@pytest.mark.usefixtures("locked")
def test_without_margins_it_is_said_that_nothing_was_calibrated(desk: FlaskClient) -> None:
    assert "权重未经校准" in words(desk.get(WEIGHTS))


@pytest.mark.usefixtures("locked")
def test_a_changed_file_of_weights_is_pointed_out(desk: FlaskClient, office: Office) -> None:
    with office.database.read() as session:
        stored = readings.weights(session, waves.get(session, "2026-11"))
    assert stored is not None
    path = office.data / stored.path
    path.chmod(0o600)
    path.write_bytes(b"changed")
    cautions = [p for p in page_of(desk.get(WEIGHTS)).elements("p") if p.get("class") == "caution"]
    assert len(cautions) >= 1


@pytest.mark.usefixtures("locked")
def test_the_results_lead_to_the_weights(desk: FlaskClient) -> None:
    assert f'href="{WEIGHTS}"' in desk.get("/staff/results/2026-11").text


def test_an_open_wave_has_no_weights(desk: FlaskClient, fieldwork: Fieldwork) -> None:
    assert desk.get(WEIGHTS).status_code == 404


@pytest.mark.usefixtures("locked")
def test_staff_of_a_community_see_neither_settings_nor_margins_of_others(
    desk_of: Callable[..., FlaskClient], monkeypatch: pytest.MonkeyPatch
) -> None:
    margins = {"sex": [Category("f", 50, 40, 50)], "community": [Category("west", 30, 20, 30)]}
    monkeypatch.setattr("webapp.staff.reading.weights._margins", lambda _newest: margins)
    for branch, is_shown in (("township", True), ("east", False)):
        client = desk_of("staff", branch)
        page = client.get(WEIGHTS)
        assert ("<pre>" in page.text) is is_shown
        assert ('<th scope="row">西村社区</th>' in page.text) is is_shown
        text = client.get("/staff/results/2026-11/margins.csv").get_data(as_text=True)
        assert "sex,f" in text
        assert ("community,west" in text) is is_shown
