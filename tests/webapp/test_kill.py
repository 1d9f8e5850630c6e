"""An acknowledged response is never lost and never doubled, however the server ends."""

from __future__ import annotations

import random
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
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
from tests.support.postgres import Cluster
from tests.support.respondent import Respondent
from tests.support.server import Server

CLIENTS = 8
STRIKES = 3
BETWEEN_STRIKES = 8  # acknowledged responses


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
def durable_cluster() -> Iterator[Cluster]:
    """A PostgreSQL that writes through to the disk, and may be crashed."""
    with tempfile.TemporaryDirectory() as folder:
        cluster = Cluster(Path(folder) / "postgres", durable=True)
        cluster.start()
        yield cluster
        cluster.stop("immediate")


def office_on(database: Database, folder: Path) -> Office:
    return Office(folder, database, Keys.load(folder / "keys"))


def serve(office: Office) -> Server:
    return Server(office.data, office.database.url.render_as_string(hide_password=False))


def what_is_stored(office: Office) -> Counter[str]:
    """How often each comment is there; nothing may have been set aside."""
    with office.database.read_connection() as connection:
        assert connection.scalar(sa.select(sa.func.count()).select_from(HeldResponse)) == 0
        return Counter(answers["O1"] for answers in connection.scalars(sa.select(Response.answers)))


def endure(office: Office, strike: Callable[[Server], None]) -> None:
    """Let the crowd answer, strike again and again, and compare what was said with what is kept."""
    fieldwork = begin(office)
    with serve(office) as server:
        crowd = Crowd(server.url, fieldwork)
        for _ in range(STRIKES):
            crowd.wait_for(BETWEEN_STRIKES)
            strike(server)
        crowd.wait_for(BETWEEN_STRIKES)
        crowd.stop()
    assert what_is_stored(office) == Counter(crowd.acknowledged)


def test_what_was_acknowledged_is_there_once_after_the_server_was_killed(
    database: Database, tmp_path: Path
) -> None:
    def kill(server: Server) -> None:
        server.kill()
        server.start()

    endure(office_on(database, tmp_path), kill)


def test_what_was_acknowledged_is_there_once_after_the_database_crashed(
    durable_cluster: Cluster, tmp_path: Path
) -> None:
    def crash(_server: Server) -> None:
        durable_cluster.stop("immediate")
        durable_cluster.start()

    database = Database(durable_cluster.url)
    office = office_on(database, tmp_path)
    office.migrate()
    endure(office, crash)
    database.engine.dispose()
