"""``minyi run``: the first start does everything, the second keeps it."""

from __future__ import annotations

import re
import time
import urllib.request
from pathlib import Path

from surveys import people
from surveys.office import Office
from tests.support.server import MINYI, Server

RUN = (str(MINYI), "run", "--port", "{port}")


def page(server: Server, path: str) -> str:
    with urllib.request.urlopen(server.url + path, timeout=20) as answer:
        return answer.read().decode()


def test_the_first_start_makes_everything_and_the_second_keeps_it(tmp_path: Path) -> None:
    server = Server(tmp_path, command=RUN)
    server.start(patience=280)
    try:
        said = server.log.read_text()
        assert f"{server.url}/\n" in said
        assert f"{server.url}/staff/\n" in said
        (password,) = re.findall(r"^Password +(\S+)", said, re.MULTILINE)
        home = page(server, "/")
        assert "演示数据 synthetic" in home
        for link in re.findall(r'href="(/[si]/[^"]+)"', home):
            invitation = page(server, link)
            assert "开始填写" in invitation
            assert "演示街道文明办" in invitation
    finally:
        server.stop()
    with Office.open(tmp_path).database.write() as session:
        assert people.verify(session, "admin", password)

    second = Server(tmp_path, command=RUN)
    began = time.monotonic()
    second.start()
    try:
        assert time.monotonic() - began < 30  # it made no second township
        again = second.log.read_text().removeprefix(said)
        assert "Making" not in again
        assert "Password " not in again
    finally:
        second.stop()
    with Office.open(tmp_path).database.write() as session:
        assert people.verify(session, "admin", password)
