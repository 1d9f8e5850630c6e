"""Someone with an account, who has not logged in yet."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from surveys import people
from surveys.office import Office

PASSWORD = "correct horse battery"


@pytest.fixture
def wang(office: Office) -> str:
    """The name of a member of staff."""
    with office.database.write() as session:
        people.add_user(session, "wang", "staff", password=PASSWORD, actor="test")
    return "wang"


@pytest.fixture
def log_in(client: FlaskClient) -> Callable[..., TestResponse]:
    """Send the login form."""

    def send(name: str, password: str = PASSWORD, page: str = "/login") -> TestResponse:
        return client.submit(client.get(page), name=name, password=password)

    return send
