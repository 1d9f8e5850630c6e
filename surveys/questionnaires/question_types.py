"""What the column ``type`` of a survey sheet may say, and why not."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass

from pyxform import aliases
from pyxform.question_type_dictionary import QUESTION_TYPE_DICT

from surveys.problems import N_, Problem, Refused
from surveys.questionnaires.definition import Type

# What pyxform calls the types that we support.
TYPES: dict[str, Type] = {
    "select one": "select_one",
    "select all that apply": "select_multiple",
    "integer": "integer",
    "int": "integer",
    "text": "text",
    "string": "text",
    "note": "note",
}
EXTERNAL = N_("Lists in external files are not supported; put the choices on the sheet “choices”.")
RECORDING = N_("“%(type)s” is not supported: photos, recordings and files are no answers.")
TRACKING = N_("“%(type)s” is not supported: locations are never recorded.")
IDENTITY = N_("“%(type)s” is not supported: answers do not say who gave them.")
LATER = N_("“%(type)s” is not supported yet.")

_REASONS = {
    EXTERNAL: ("external", "from_file", "from file"),
    RECORDING: ("image", "photo", "audio", "video", "file", "background-audio", "picture"),
    TRACKING: ("geo", "gps", "location", "osm", "audit"),
    IDENTITY: ("device", "phone", "username", "email", "sim", "subscriber", "imei"),
}
_COMMANDS = "|".join(sorted(map(re.escape, aliases.select), key=len, reverse=True))
_SELECT = re.compile(rf"(?P<command>{_COMMANDS})\s+(?P<list>\S+)(?P<other>\s+or.+)?")
_CONTROL = re.compile(r"(?P<edge>begin|end)[\s_]+(?P<control>[\w ]+)")


@dataclass(frozen=True)
class Kind:
    """What a row of the survey sheet is."""

    type: Type | None = None  # None: the beginning or the end of a group
    choices: str = ""  # the list a select chooses from
    begins: bool = False
    ends: bool = False


def kind_of(text: str) -> Kind:
    """Read a cell of the column ``type``.

    >>> kind_of("select_one yes_no")
    Kind(type='select_one', choices='yes_no', begins=False, ends=False)

    Raises
    ------
    Refused
        If there is no such type, or it is not supported; the problem says why.
    """
    words = " ".join(text.split())
    control = _CONTROL.fullmatch(words)
    if control and control["control"] == "group":
        return Kind(begins=control["edge"] == "begin", ends=control["edge"] == "end")
    select = _SELECT.fullmatch(words)
    if select is None:
        if words in TYPES:
            return Kind(TYPES[words])
        raise Refused(_why_not(words))
    if select["command"] in aliases.select_from_file or select["other"]:
        raise Refused(_why_not(words))
    select_type = TYPES.get(aliases.select[select["command"]])
    if select_type is None:
        raise Refused(_why_not(words))
    return Kind(select_type, select["list"])


def _why_not(words: str) -> Problem:
    lower = words.lower()
    for reason, beginnings in _REASONS.items():
        if any(beginning in lower for beginning in beginnings):
            return Problem(reason, {"type": words})
    if lower.replace(" ", "_") in ("select_one", "select_multiple"):
        return Problem(N_("“%(type)s” needs the name of its list of choices."), {"type": words})
    if words in QUESTION_TYPE_DICT or _SELECT.fullmatch(words) or _CONTROL.fullmatch(words):
        return Problem(LATER, {"type": words})
    known = ["select_one", "select_multiple", "begin_group", "end_group", *TYPES]
    close = difflib.get_close_matches(lower.split()[0], known, 1)
    if close:
        return Problem(
            N_("There is no question type “%(type)s”; did you mean “%(close)s”?"),
            {"type": words, "close": close[0]},
        )
    return Problem(N_("There is no question type “%(type)s”."), {"type": words})
