"""Files that are there whole or not at all."""

import hashlib

import pytest

from surveys import files
from surveys.problems import Refused


def test_what_was_written_reads_back(tmp_path):
    sha256 = files.write_whole(tmp_path / "folder" / "file", b"figures")
    assert sha256 == hashlib.sha256(b"figures").hexdigest()
    assert files.read_unchanged(tmp_path / "folder" / "file", sha256) == b"figures"


def test_a_crash_before_the_rename_leaves_the_old_file(tmp_path, monkeypatch):
    files.write_whole(tmp_path / "file", b"old")

    def crash(handle):
        raise OSError("no power")

    monkeypatch.setattr(files.os, "fsync", crash)
    with pytest.raises(OSError, match="no power"):
        files.write_whole(tmp_path / "file", b"new")
    assert (tmp_path / "file").read_bytes() == b"old"


def test_a_changed_byte_is_noticed(tmp_path):
    sha256 = files.write_whole(tmp_path / "file", b"85.0")
    (tmp_path / "file").write_bytes(b"86.0")
    with pytest.raises(Refused, match="has been changed"):
        files.read_unchanged(tmp_path / "file", sha256)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(Refused, match="nowhere: The file is missing"):
        files.read_unchanged(tmp_path / "nowhere", "")
