"""The office's keys: each a file of its own that only its owner may read, made once.

Addresses are sealed, codes are derived and attempts are counted under different keys, so that one
that leaks does not open what another guards.
"""

from __future__ import annotations

import hmac
import os
import secrets
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from surveys.files import sync_folder

NONCE = 12  # bytes, as AES-GCM wants them
PURPOSES = ("application", "addresses", "codes", "attempts")


@dataclass(frozen=True)
class Keys:
    """What the office keeps to itself.

    >>> keys = Keys("secret", b"a" * 32, b"c" * 32, b"t" * 32)
    >>> keys.unseal(keys.seal("3栋2单元501"))
    '3栋2单元501'
    """

    application_secret: str = field(repr=False)
    addresses: bytes = field(repr=False)
    codes: bytes = field(repr=False)
    attempts: bytes = field(repr=False)

    @classmethod
    def load(cls, directory: Path) -> Keys:
        """Read the keys of a folder; those that are missing are made."""
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        application, *others = (_key(directory / purpose) for purpose in PURPOSES)
        return cls(application.hex(), *others)

    def seal(self, text: str) -> bytes:
        """Encrypt a text so that a change to it would be noticed (AES-256-GCM)."""
        return self.seal_bytes(text.encode())

    def seal_bytes(self, data: bytes) -> bytes:
        """The same for a file."""
        nonce = secrets.token_bytes(NONCE)
        return nonce + self._cipher.encrypt(nonce, data, None)

    def unseal(self, sealed: bytes) -> str:
        """The text that was sealed.

        Raises
        ------
        cryptography.exceptions.InvalidTag
            The bytes were changed, or sealed under another key.
        """
        return self.unseal_bytes(sealed).decode()

    def unseal_bytes(self, sealed: bytes) -> bytes:
        """The same for a file."""
        return self._cipher.decrypt(sealed[:NONCE], sealed[NONCE:], None)

    @cached_property
    def _cipher(self) -> AESGCM:
        return AESGCM(self.addresses)

    def lookup(self, text: str) -> str:
        """A keyed hash by which the same address is found again, however it was typed.

        >>> keys = Keys("secret", b"a" * 32, b"c" * 32, b"t" * 32)
        >>> keys.lookup("３栋 2单元 501a") == keys.lookup("3栋2单元501A")
        True
        """
        return _keyed(self.addresses, "lookup", "".join(plain(text).split()))

    def subject(self, kind: str, who: str) -> str:
        """A keyed hash under which the failed attempts of someone are counted."""
        return _keyed(self.attempts, kind, plain(who))

    def pair(self, name: str, partner: str) -> str:
        """The pseudonym under which two interviewers stand in the answers, whoever of them wrote.

        >>> keys = Keys("secret", b"a" * 32, b"c" * 32, b"t" * 32)
        >>> keys.pair("王芳", "李强") == keys.pair("李强", "王芳")
        True
        """
        return _keyed(self.attempts, "pair", *sorted(map(plain, (name, partner))))[:16]


def plain(text: str) -> str:
    """A text without the differences people do not mean: width, case, outer blanks."""
    return unicodedata.normalize("NFKC", text).casefold().strip()


def made_once(path: Path, make: Callable[[], str]) -> str:
    """The text of a key's file; where there is none it is made and stays for ever.

    It is written whole and under its name at once: two processes that start together agree.
    """
    if not path.exists():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        _write(path, make())
    return path.read_text("ascii")


def _keyed(key: bytes, *parts: str) -> str:
    return hmac.digest(key, "\0".join(parts).encode(), "sha256").hex()


def _key(path: Path) -> bytes:
    return bytes.fromhex(made_once(path, lambda: secrets.token_hex(32)))


def _write(path: Path, text: str) -> None:
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(text)
        file.flush()
        os.fsync(handle)
    try:
        path.hardlink_to(draft)  # refuses to replace a key that came first
    except FileExistsError:
        pass
    finally:
        draft.unlink()
    sync_folder(path.parent)
