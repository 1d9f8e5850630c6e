"""Pages for when something cannot go on: they say why, kindly, and what to do instead."""

from __future__ import annotations

from typing import NoReturn

from flask import Response, abort, make_response, render_template


def stop(title: str, advice: str, status: int, *, enter_code: bool = False) -> NoReturn:
    """End the request with a page of two sentences, and a field for a code where one helps."""
    page = render_template("resident/kind.html", title=title, advice=advice, enter_code=enter_code)
    response: Response = make_response(page, status)
    abort(response)
