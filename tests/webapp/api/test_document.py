"""The OpenAPI document tells the truth: whatever is sent, the answer is one that it describes."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, given, settings
from schemathesis import Case, GenerationMode
from schemathesis.specs.openapi import checks

from surveys import shapes
from surveys.fieldwork import messages, uploads
from tests.support.volunteer import Phone
from webapp.api import openapi

# What is wrong with a write is no reason to refuse it: it is held (200), which this check forbids.
# What only looks right (an outcome of another unit, say) is held as well.
NOT_OURS = [checks.negative_data_rejection, checks.ignored_auth]
CASES = 25  # for each operation


class Logged:
    """The application, with the cookie of a volunteer on every request."""

    def __init__(self, app: Flask, phone: Phone) -> None:
        cookie = phone.client.get_cookie("minyi")
        assert cookie is not None
        self.app, self.cookie = app, f"minyi={cookie.value}"

    def __call__(self, environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        return self.app({**environ, "HTTP_COOKIE": self.cookie}, start)


@pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda mode: mode.value)
def test_every_answer_is_one_that_the_document_describes(
    app: Flask, phone: Phone, mode: GenerationMode
) -> None:
    app.testing = False  # a fault would be a 500, which no operation may have
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", Logged(app, phone))
    tried = 0
    for found in schema.get_all_operations():
        operation = found.ok()
        if mode.is_negative and operation.method == "get":
            continue  # nothing is asked there that could be wrong

        @settings(max_examples=CASES, suppress_health_check=list(HealthCheck), deadline=None)
        @given(case=operation.as_strategy(generation_mode=mode))
        def run(case: Case) -> None:
            case.call_and_validate(excluded_checks=NOT_OURS)

        run()
        tried += 1
    assert tried == (4 if mode.is_negative else 5)  # the document itself is not among them


def test_the_document_is_made_of_the_classes_that_check_the_requests() -> None:
    document = openapi.document()
    assert document["openapi"] == "3.1.0"
    published = document["components"]["schemas"]
    for shape in (messages.AttemptUpload, messages.ShiftUpload, messages.Unsealed):
        assert published[shape.__name__] == shapes.schema(shape)
    assert published["Answer"]["properties"]["reason"]["enum"] == [None, *uploads.REASONS]


def test_every_operation_has_a_name_of_its_own_and_says_what_may_go_wrong() -> None:
    operations = [one for path in openapi.document()["paths"].values() for one in path.values()]
    names = [one["operationId"] for one in operations]
    assert len(set(names)) == len(names) == 6
    for operation in operations:
        assert {"200", "401", "403", "500"} <= operation["responses"].keys()
