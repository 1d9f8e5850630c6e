"""Settings come from the environment, and a malformed one is refused by name."""

from pathlib import Path

import pytest

from surveys.problems import Refused
from webapp.config import Settings


def test_without_variables_everything_stays_on_this_machine():
    settings = Settings.from_environment({})
    assert settings.data == Path("var").absolute()
    assert settings.database_url is None
    assert settings.public_url == "http://127.0.0.1:8000"
    assert not settings.is_https


def test_an_empty_variable_is_as_good_as_none():
    empty = {
        "MINYI_DATA": "",
        "MINYI_DATABASE_URL": "",
        "MINYI_PUBLIC_URL": "",
        "MINYI_PROXIES": "",
    }
    assert Settings.from_environment(empty) == Settings.from_environment({})


def test_the_public_address_loses_its_last_slash_so_that_links_have_one():
    settings = Settings.from_environment({"MINYI_PUBLIC_URL": "https://survey.example/"})
    assert settings.public_url == "https://survey.example"
    assert settings.is_https


@pytest.mark.parametrize(
    ("name", "value"), [("MINYI_PROXIES", "one"), ("MINYI_PUBLIC_URL", "survey.example")]
)
def test_a_malformed_setting_is_refused_by_name(name: str, value: str):
    with pytest.raises(Refused, match=name):
        Settings.from_environment({name: value})
