"""What volunteers see: their branch and the waves that are open in it, and nothing they may not."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from surveys import areas, people, waves
from surveys.office import Office
from tests.support.fieldwork import begin
from tests.support.pages import words

PASSWORD = "correct horse battery"


@pytest.fixture
def volunteer(app: Flask, office: Office) -> FlaskClient:
    """A volunteer of one community, logged in, while a wave of the township is open."""
    begin(office)
    with office.database.write() as session:
        branch = areas.get(session, "east")
        people.add_user(session, "liu", "volunteer", branch, PASSWORD, actor="test")
    client = app.test_client()
    answer = client.submit(client.get("/login"), name="liu", password=PASSWORD)
    assert answer.location == "/volunteer/"
    return client


def test_a_volunteer_sees_their_branch_and_its_open_waves(
    volunteer: FlaskClient, office: Office
) -> None:
    said = words(volunteer.get("/volunteer/"))
    assert "东村社区" in said
    assert "二〇二六年第四季度民意调查" in said
    assert "入户访问" in said  # what is not there yet is not pretended
    with office.database.write() as session:
        waves.close(session, waves.get(session, "2026-11"), "test")
    assert "没有正在进行的测评" in words(volunteer.get("/volunteer/"))


def test_a_volunteer_speaks_english_too(volunteer: FlaskClient) -> None:
    assert "East Village" in words(volunteer.get("/volunteer/?lang=en"))
