"""Pages for when something cannot go on: they say why, kindly, and what to do instead."""

from __future__ import annotations

from typing import NoReturn

from flask import Response, abort, make_response, render_template
from flask_babel import gettext as _


def stop(title: str, advice: str, status: int, *, enter_code: bool = False) -> NoReturn:
    """End the request with a page of two sentences, and a field for a code where one helps."""
    page = render_template(
        "resident/dead_end.html", title=title, advice=advice, enter_code=enter_code
    )
    response: Response = make_response(page, status)
    abort(response)


def stop_after_the_end() -> NoReturn:
    """Nobody is asked for answers that can no longer count."""
    stop(
        _("This survey has ended"),
        _("It takes no more answers. Thank you for wanting to take part."),
        410,
    )


def stop_after_revocation() -> NoReturn:
    """A slip was withdrawn (it went to the wrong door, or was lost): its answers go no further."""
    stop(
        _("This code is no longer valid"),
        _(
            "The office has withdrawn the code these answers were begun with. What you answered "
            "is kept, but will not be counted. If you have a new slip, please enter its code here."
        ),
        410,
        enter_code=True,
    )
