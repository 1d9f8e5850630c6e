"""A resident with a plain HTTP client: opens a slip, answers page by page, and does not give up."""

from __future__ import annotations

import http.client
import random
import time
from dataclasses import dataclass, field
from urllib.parse import urlencode, urlsplit
from xml.etree.ElementTree import Element

from tests.support.markup import Page


@dataclass
class Respondent:
    """Someone who answers; when the server is gone or ails, tries again where they stood.

    Parameters
    ----------
    url : str
        Of the server.
    random : random.Random
        Decides the answers.
    patience : float
        Seconds to keep trying while nobody answers.
    """

    url: str
    random: random.Random = field(default_factory=random.Random)
    patience: float = 60.0

    def answer(self, entrance: str, words: str) -> str:
        """Answer the whole questionnaire; return the address of the thanks.

        Parameters
        ----------
        entrance : str
            ``/i/…`` or ``/s/…``.
        words : str
            What to write where something may be written.
        """
        address = self._post(entrance, {})
        while not address.endswith("/done"):
            page = Page(address, self._request("GET", address)[1])
            (form,) = (f for f in page.elements("form") if f.get("action") == address)
            address = self._post(address, self._fill_in(form, words))
        return address

    def _fill_in(self, form: Element, words: str) -> dict[str, str]:
        """Choose among what stands there; whoever is asked yes or no first says yes."""
        choices: dict[str, list[str]] = {}
        given: dict[str, str] = {}
        for control in form.iter("input"):
            name, value = control.get("name", ""), control.get("value", "")
            if control.get("type") == "hidden":
                given[name] = value
            elif control.get("type") == "radio":
                choices.setdefault(name, []).append(value)
        for area in form.iter("textarea"):
            given[area.get("name", "")] = words
        for name, values in choices.items():
            given[name] = "yes" if name == "S1" else self.random.choice(values)
        return given

    def _post(self, address: str, values: dict[str, str]) -> str:
        status, body, location = self._request("POST", address, urlencode(values))
        if status != 303:
            raise AssertionError(f"POST {address}: {status}\n{body}")
        return location

    def _request(self, method: str, address: str, body: str | None = None) -> tuple[int, str, str]:
        deadline = time.monotonic() + self.patience
        while True:
            try:
                answer = self._request_once(method, address, body)
                if answer[0] < 500 or time.monotonic() > deadline:
                    return answer
            except (ConnectionError, TimeoutError, http.client.HTTPException):
                if time.monotonic() > deadline:
                    raise
            time.sleep(0.05)

    def _request_once(self, method: str, address: str, body: str | None) -> tuple[int, str, str]:
        connection = http.client.HTTPConnection(urlsplit(self.url).netloc, timeout=10)
        try:
            headers = {"Content-Type": "application/x-www-form-urlencoded"} if body else {}
            connection.request(method, address, body, headers)
            response = connection.getresponse()
            location = response.getheader("Location", "")
            return response.status, response.read().decode(), location
        finally:
            connection.close()
