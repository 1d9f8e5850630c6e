"""Files that phones have saved: those that are none, or not ours, are refused by name."""

from __future__ import annotations

import base64
import json

import pytest

from surveys.fieldwork import rescue, sealing
from surveys.office import Office
from surveys.problems import Refused
from tests.support import record


def file(office: Office, owner: str, context: str = "2026-11|queue|one") -> bytes:
    key = sealing.of_wave(office.sealing_keys, "2026-11")
    text = json.dumps({"owner": owner, "uploads": []}).encode()
    sealed = base64.b64encode(sealing.seal(key.point, text, context.encode())).decode()
    found = {"format": "minyi-queue/1", "id": "one", "wave": "2026-11", "sealed": sealed}
    return json.dumps(found).encode()


@pytest.mark.parametrize("data", [b"", b"\xff", b"[]", b"7", b"{}", b'{"format": "other"}'])
def test_what_is_no_such_file_is_refused(sqlite_office: Office, data: bytes) -> None:
    with pytest.raises(Refused, match="no file that a volunteer's phone"):
        rescue.receive(sqlite_office, data)


def test_a_file_of_another_office_or_an_unknown_owner_is_refused(sqlite_office: Office) -> None:
    record.begin(sqlite_office)
    with pytest.raises(Refused, match="another office, or is damaged"):
        rescue.receive(sqlite_office, file(sqlite_office, "liu", "2026-11|queue|other"))
    with pytest.raises(Refused, match="no account “liu”"):
        rescue.receive(sqlite_office, file(sqlite_office, "liu"))


def test_a_wave_that_does_not_exist_touches_no_key(sqlite_office: Office) -> None:
    record.begin(sqlite_office)
    data = file(sqlite_office, "liu").replace(b'"2026-11"', b'"../../elsewhere"')
    with pytest.raises(Refused, match="elsewhere"):
        rescue.receive(sqlite_office, data)
