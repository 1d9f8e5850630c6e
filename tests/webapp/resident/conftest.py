"""A wave under way, and someone who answers in it with a plain client."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from surveys.office import Office
from tests.support.fieldwork import Fieldwork, begin


@pytest.fixture
def fieldwork(office: Office) -> Fieldwork:
    return begin(office)


@dataclass
class Draft:
    """A draft's pages, opened and answered one by one."""

    client: FlaskClient
    root: str  # /d/<token>

    def open(self, page: str, **arguments: str) -> TestResponse:
        return self.client.get(f"{self.root}/{page}", query_string=arguments)

    def answer(self, page: str, *codes: str, **arguments: str) -> TestResponse:
        """Answer the one question of a page, or leave it out."""
        sent = {page: list(codes)} if codes else {}
        return self.client.post(f"{self.root}/{page}", data=sent, query_string=arguments)

    def finish(self, **answers: str) -> None:
        """Answer everything that is still due, as given or not at all, up to the check."""
        while not (address := self.client.get(self.root).location).endswith("/check"):
            self.client.post(address.partition("?")[0], data={"S1": "yes"} | answers)


@pytest.fixture
def draft(client: FlaskClient, fieldwork: Fieldwork) -> Draft:
    """A draft just begun with a code from a slip."""
    return begin_draft(client, fieldwork.invitation())


def begin_draft(client: FlaskClient, entrance: str) -> Draft:
    location = client.post(entrance).location
    return Draft(client, location.rpartition("/")[0])
