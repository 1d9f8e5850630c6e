"""Languages: Chinese first, English second. Texts in the code are English; ``zh`` is a catalogue.

Resident pages carry their language in the address or the draft, staff pages in the session; either
way a view or a ``before_request`` says :func:`set_language` before anything is rendered.
"""

from __future__ import annotations

from flask import Flask, g, has_request_context
from flask_babel import Babel, gettext, refresh
from markupsafe import Markup

from surveys.problems import Problem

LANGUAGES = ("zh", "en")
HTML_LANG = {"zh": "zh-CN", "en": "en"}
CATALOGUES = (
    "translations",
    *(f"{door}/translations" for door in ("resident", "staff", "volunteer", "accounts")),
)


def language() -> str:
    """The language of this request; Chinese unless someone chose otherwise."""
    return g.get("language", "zh") if has_request_context() else "zh"


def set_language(chosen: str | None) -> None:
    """Choose the language of this request; what is not a language here is ignored."""
    if chosen in LANGUAGES and chosen != language():
        g.language = chosen
        refresh()


def say(problem: Problem) -> str:
    """A problem in the reader's language, with its place."""
    return problem.said(gettext, language())


# Attributes of what is called the same in every language: an address, a person's name.
_UNTRANSLATED = {
    "zh": Markup('translate="no"'),
    "en": Markup('translate="no" lang="zh-CN"'),
}


def install(app: Flask) -> None:
    """Give the application its catalogues and its templates the language."""
    Babel(
        app,
        default_locale="zh",
        default_timezone="Asia/Shanghai",
        default_translation_directories=";".join(CATALOGUES),
        locale_selector=language,
    )
    app.add_template_global(say)
    app.context_processor(
        lambda: {
            "language": language(),
            "html_lang": HTML_LANG[language()],
            "untranslated": _UNTRANSLATED[language()],
        }
    )
