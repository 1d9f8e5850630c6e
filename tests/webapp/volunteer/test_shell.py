"""The app's page and files: one version, complete, light, and nobody's data in it."""

from __future__ import annotations

import gzip
import json
import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from surveys.office import Office
from tests.support.fieldwork import begin
from webapp.volunteer import shell
from webapp.volunteer.shell import Shell

HEAVIEST = 80 * 1024


@pytest.fixture
def current(app: Flask) -> Shell:
    with app.test_request_context():
        return Shell.current()


def worker_files(client: FlaskClient) -> list[str]:
    """What the service worker keeps."""
    said = client.get("/volunteer/sw.js").get_data(as_text=True)
    listed: list[str] = json.loads(re.findall(r"^const FILES = (.*);$", said, re.MULTILINE)[0])
    return listed


def fetched(client: FlaskClient, address: str) -> bytes:
    """What comes over the wire."""
    is_page = address.endswith("/")  # which the client looks through, and so wants it plain
    headers = {} if is_page else {"Accept-Encoding": "gzip"}
    with client.get(address, headers=headers) as answer:
        assert answer.status_code == 200
        return gzip.compress(answer.data) if is_page else answer.data


def test_the_page_is_the_same_for_everyone_and_names_no_one(
    client: FlaskClient, office: Office
) -> None:
    begin(office)
    answer = client.get("/volunteer/")
    assert answer.status_code == 200
    assert "Set-Cookie" not in answer.headers
    assert "河口镇" not in answer.get_data(as_text=True)


def test_the_whole_app_is_light(client: FlaskClient) -> None:
    """What comes over the air before it works without signal."""
    addresses = ["/volunteer/", "/volunteer/sw.js", *worker_files(client)]
    sizes = {one: len(fetched(client, one)) for one in addresses}
    print(f"{sum(sizes.values()) / 1024:.1f} KB in {len(sizes)} files")
    assert sum(sizes.values()) <= HEAVIEST, sizes


def test_the_worker_keeps_every_file_that_the_page_and_the_scripts_ask_for(
    client: FlaskClient,
) -> None:
    kept = worker_files(client)
    page = client.get("/volunteer/").get_data(as_text=True)
    asked = set(re.findall(r'(?:stylesheet" href|module" src)="([^"]+)"', page))
    for address in kept:
        text = gzip.decompress(fetched(client, address))
        folder = address.rpartition("/")[0]
        imports = re.findall(rb'from "\./([^"]+)"', text)
        asked |= {f"{folder}/{name.decode()}" for name in imports}
    assert asked == set(kept)


def test_the_worker_keeps_nothing_of_other_doors(client: FlaskClient) -> None:
    for address in worker_files(client):
        assert address.startswith(("/volunteer/app/", "/static/minyi.css?"))


def test_a_file_of_another_version_is_gone(client: FlaskClient, current: Shell) -> None:
    assert client.get(f"/volunteer/app/{current.version}/main.js").status_code == 200
    assert client.get(f"/volunteer/app/{current.version}/worker.js").status_code == 404
    assert client.get("/volunteer/app/0123456789abcdef/main.js").status_code == 404


def test_one_changed_word_is_another_version(
    app: Flask, current: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shell, "_words", lambda: b"export const CHINESE = {};")
    with app.test_request_context():
        other = Shell.current()
    assert other.version != current.version
    assert other.version in other.page
    assert other.version in other.worker


def test_files_may_be_kept_for_ever_and_the_page_and_worker_never(
    client: FlaskClient, current: Shell
) -> None:
    lasting = client.get(f"/volunteer/app/{current.version}/main.js")
    assert "immutable" in lasting.headers["Cache-Control"]
    assert "text/javascript" in lasting.headers["Content-Type"]
    for address in ("/volunteer/", "/volunteer/sw.js"):
        assert client.get(address).headers["Cache-Control"] == "no-cache"


def test_the_policy_lets_the_worker_and_the_manifest_through(client: FlaskClient) -> None:
    policy = client.get("/volunteer/").headers["Content-Security-Policy"]
    assert "worker-src 'self'" in policy
    assert "manifest-src 'self'" in policy
    assert "default-src 'none'" in policy


def test_the_manifest_puts_the_app_on_the_home_screen(client: FlaskClient) -> None:
    described = json.loads(client.get("/volunteer/manifest.webmanifest").data)
    assert described["name"] == "民意入户"
    assert described["start_url"] == described["scope"] == "/volunteer/"
    for icon in described["icons"]:
        assert fetched(client, icon["src"]).startswith(b"\x89PNG")


def test_every_text_of_the_scripts_comes_in_chinese(current: Shell) -> None:
    chinese = json.loads(current.files["words.js"].removeprefix(b"export const CHINESE = ")[:-2])
    assert set(chinese) == set(shell.texts())
    untranslated = {text for text, said in chinese.items() if not re.search("[一-龥：]", said)}
    assert untranslated == set()
