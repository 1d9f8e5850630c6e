"""The office's keys."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidTag

from surveys.keys import PURPOSES, Keys


def test_keys_are_made_once_and_for_their_owner_alone(tmp_path: Path) -> None:
    folder = tmp_path / "keys"
    keys = Keys.load(folder)
    assert Keys.load(folder) == keys
    assert sorted(file.name for file in folder.iterdir()) == sorted(PURPOSES)
    assert {file.stat().st_mode & 0o777 for file in folder.iterdir()} == {0o600}
    assert folder.stat().st_mode & 0o777 == 0o700


def test_no_two_keys_are_the_same(tmp_path: Path) -> None:
    keys = Keys.load(tmp_path)
    other = Keys.load(tmp_path / "other")
    made = [
        key
        for one in (keys, other)
        for key in (one.application_secret, one.addresses, one.codes, one.attempts)
    ]
    assert len(set(made)) == 8


def test_processes_that_start_together_agree_on_the_keys(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        loaded = list(pool.map(lambda _: Keys.load(tmp_path / "keys"), range(8)))
    assert all(keys == loaded[0] for keys in loaded)


def test_keys_do_not_show_in_a_log(tmp_path: Path) -> None:
    assert repr(Keys.load(tmp_path)) == "Keys()"


def test_a_sealed_text_comes_back_and_never_looks_the_same(tmp_path: Path) -> None:
    keys = Keys.load(tmp_path)
    text = "河口路3号2单元501室"
    sealed, again = keys.seal(text), keys.seal(text)
    assert sealed != again
    assert text.encode() not in sealed
    assert keys.unseal(sealed) == keys.unseal(again) == text


def test_a_sealed_text_that_was_changed_is_noticed(tmp_path: Path) -> None:
    keys = Keys.load(tmp_path)
    sealed = keys.seal("河口路3号")
    with pytest.raises(InvalidTag):
        keys.unseal(sealed[:-1] + bytes([sealed[-1] ^ 1]))


def test_another_office_cannot_unseal(tmp_path: Path) -> None:
    sealed = Keys.load(tmp_path / "here").seal("河口路3号")
    with pytest.raises(InvalidTag):
        Keys.load(tmp_path / "there").unseal(sealed)


def test_an_address_is_found_however_it_was_typed(tmp_path: Path) -> None:
    keys = Keys.load(tmp_path)
    assert keys.lookup("３栋 2单元 501a") == keys.lookup(" 3栋2单元501A ")
    assert keys.lookup("3栋2单元501") != keys.lookup("3栋2单元502")


def test_hashes_of_one_text_for_two_purposes_differ(tmp_path: Path) -> None:
    keys = Keys.load(tmp_path)
    assert len({keys.lookup("a"), keys.subject("login", "a"), keys.subject("code", "a")}) == 3
