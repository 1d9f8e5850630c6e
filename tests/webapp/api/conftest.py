"""An open wave, and two volunteers with a phone each."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask

from surveys.office import Office
from tests.support import record, volunteer
from tests.support.record import Small
from tests.support.volunteer import Phone


@pytest.fixture
def small(office: Office) -> Small:
    return record.begin(office)


@pytest.fixture
def enlist(app: Flask, office: Office, small: Small) -> Callable[..., Phone]:
    """Makes a volunteer who has some of the units, with a phone that is logged in."""

    def make(name: str, units: tuple[int, ...] = (), partner: str = "") -> Phone:
        password = volunteer.enlist(office, name, units, partner)
        return Phone(office, volunteer.log_in(app, name, password))

    return make


@pytest.fixture
def phone(enlist: Callable[..., Phone], small: Small) -> Phone:
    """The phone of wang, who has the first four units and goes with li."""
    return enlist("wang", small.units[:4], "li")


@pytest.fixture
def other(enlist: Callable[..., Phone], phone: Phone) -> Phone:
    """The phone of zhao, who has none of them."""
    return enlist("zhao")
