"""A resident with a plain HTTP client: opens a slip, answers page by page, and does not give up."""

from __future__ import annotations

import http.client
import random
import time
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urlencode, urlsplit


class Form(HTMLParser):
    """What there is to fill in in the form of a page that is sent to an address."""

    def __init__(self, action: str) -> None:
        super().__init__()
        self.hidden: dict[str, str] = {}
        self.choices: dict[str, list[str]] = {}  # by name
        self.areas: list[str] = []
        self._action = action
        self._is_open = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a control."""
        given = {name: value or "" for name, value in attrs}
        name = given.get("name", "")
        if tag == "form":
            self._is_open = given.get("action") == self._action
        elif not self._is_open:
            return
        elif tag == "textarea":
            self.areas.append(name)
        elif given.get("type") == "hidden":
            self.hidden[name] = given.get("value", "")
        elif given.get("type") == "radio":
            self.choices.setdefault(name, []).append(given.get("value", ""))

    def handle_endtag(self, tag: str) -> None:
        """Leave the form."""
        if tag == "form":
            self._is_open = False


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
            form = Form(address)
            form.feed(self._request("GET", address)[1])
            address = self._post(address, self._fill_in(form, words))
        return address

    def _fill_in(self, form: Form, words: str) -> dict[str, str]:
        """Choose among what stands there; whoever is asked yes or no first says yes."""
        given = form.hidden | dict.fromkeys(form.areas, words)
        for name, values in form.choices.items():
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
