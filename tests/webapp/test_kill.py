"""An acknowledged response is never lost and never doubled, however the server ends."""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from pathlib import Path

import pytest
import sqlalchemy as sa

from surveys.database import Database
from surveys.keys import Keys
from surveys.office import Office
from surveys.responses import HeldResponse, Response
from tests.support.fieldwork import Fieldwork, begin
from tests.support.respondent import Respondent
from tests.support.server import Server

CLIENTS = 8
KILLS = 3
BETWEEN_KILLS = 12  # acknowledged responses


class Crowd:
    """Eight residents who answer one questionnaire after another until they are told to stop."""

    def __init__(self, url: str, fieldwork: Fieldwork) -> None:
        self.acknowledged: list[str] = []
        self._url = url
        self._fieldwork = fieldwork
        self._numbers = count()
        self._lock = threading.Lock()
        self._enough = threading.Event()
        self._pool = ThreadPoolExecutor(CLIENTS)
        self._work = [self._pool.submit(self._answer_on) for _ in range(CLIENTS)]

    def wait_for(self, responses: int) -> None:
        """Return when so many more have been acknowledged."""
        wanted = len(self.acknowledged) + responses
        while len(self.acknowledged) < wanted:
            for work in self._work:
                if work.done():
                    work.result()
            time.sleep(0.02)

    def stop(self) -> None:
        """Let everyone finish the questionnaire in their hands."""
        self._enough.set()
        self._pool.shutdown()
        for work in self._work:
            work.result()

    def _answer_on(self) -> None:
        while not self._enough.is_set():
            with self._lock:
                number = next(self._numbers)
                from_slip = number % 2 == 0
                work = self._fieldwork
                entrance = work.invitation() if from_slip else work.open_link()
            words = f"response {number}"
            Respondent(self._url, random.Random(number)).answer(entrance, words)
            self.acknowledged.append(words)


@pytest.fixture
def fieldwork(database: Database, tmp_path: Path) -> Fieldwork:
    return begin(Office(tmp_path, database, Keys.load(tmp_path / "keys")))


def what_is_stored(office: Office) -> Counter[str]:
    with office.database.read_connection() as connection:
        assert connection.scalar(sa.select(sa.func.count()).select_from(HeldResponse)) == 0
        return Counter(answers["O1"] for answers in connection.scalars(sa.select(Response.answers)))


def test_what_was_acknowledged_is_there_once_after_the_server_was_killed(
    fieldwork: Fieldwork,
) -> None:
    office = fieldwork.office
    url = office.database.url.render_as_string(hide_password=False)
    with Server(office.data, url) as server:
        crowd = Crowd(server.url, fieldwork)
        for _ in range(KILLS):
            crowd.wait_for(BETWEEN_KILLS)
            server.kill()
            server.start()
        crowd.wait_for(BETWEEN_KILLS)
        crowd.stop()
    assert what_is_stored(office) == Counter(crowd.acknowledged)
