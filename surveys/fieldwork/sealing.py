"""Sealed interviews: a phone closes them with the wave's public key; only the office opens them.

A lost phone then gives away no answer, not even to whoever knows its PIN. The key is an elliptic
curve's (P-256), because browsers have no other that is as old as the phones in use:

``sealed = epk ‖ iv ‖ AES-256-GCM(key, iv, text, aad)``

=========  =========================================================================================
``epk``    65 bytes, the uncompressed point of a key pair made for this one interview
``iv``     12 bytes
``key``    HKDF-SHA-256 of ECDH's x coordinate, with salt ``epk`` and info ``minyi/1/interview``
``aad``    UTF-8 of ``wave|unit|id``: a sealed text cannot be put under another address
=========  =========================================================================================

A wave's key is made once, when phones are first told it, and the wave remembers it by name
(``Wave.sealing_kid``). From then on a file that is missing is not made anew: what phones have
sealed would never open. It is said, loudly, until the file is back from the backup.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from sqlalchemy.orm import Session

from surveys import audit
from surveys.keys import made_once
from surveys.problems import N_, Problem, Refused
from surveys.waves import Wave

CURVE = ec.SECP256R1()
POINT = 65  # bytes of an uncompressed point
IV = 12
TAG = 16
INFO = b"minyi/1/interview"


class Unopenable(ValueError):  # noqa: N818
    """Bytes that this key does not open: damaged, cut short, or sealed with another key."""


@dataclass(frozen=True)
class SealingKey:
    """The key pair of a wave.

    >>> key = SealingKey(ec.generate_private_key(CURVE))
    >>> sealed = seal(key.point, b"an answer", b"2026-11|7|uuid:1")
    >>> key.unseal(sealed, b"2026-11|7|uuid:1")
    b'an answer'
    """

    private: ec.EllipticCurvePrivateKey = field(repr=False)

    @cached_property
    def point(self) -> bytes:
        """The public key as an uncompressed point, 65 bytes."""
        return self.private.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)

    @cached_property
    def kid(self) -> str:
        """By what a phone names the key it has sealed with."""
        return hashlib.sha256(self.point).hexdigest()[:16]

    @property
    def public_jwk(self) -> dict[str, str]:
        """The public key as WebCrypto imports it."""
        x, y = self.point[1:33], self.point[33:]
        return {"kty": "EC", "crv": "P-256", "x": _base64url(x), "y": _base64url(y)}

    def unseal(self, sealed: bytes, aad: bytes) -> bytes:
        """The text that was sealed.

        Raises
        ------
        Unopenable
            Whatever is wrong with the bytes; cryptography has no other reason to tell.
        """
        epk, iv, closed = sealed[:POINT], sealed[POINT : POINT + IV], sealed[POINT + IV :]
        if len(closed) < TAG:
            raise Unopenable("cut short")
        try:
            theirs = ec.EllipticCurvePublicKey.from_encoded_point(CURVE, epk)
            key = _derived(self.private.exchange(ec.ECDH(), theirs), epk)
            return AESGCM(key).decrypt(iv, closed, aad)
        except (InvalidTag, ValueError):
            raise Unopenable("not sealed with this key, or changed since") from None


class Lost(Refused):
    """The key that a wave's phones seal with is not there, or another stands in its place."""

    def __init__(self, code: str) -> None:
        text = N_(
            "The sealing key of wave %(code)s is missing or is another one: put the file "
            "keys/waves/%(code)s back from the backup. Until then no interview can be begun or "
            "opened; what phones send is kept as it is."
        )
        super().__init__(Problem(text, {"code": code}))


def of_wave(folder: Path, code: str, kid: str = "") -> SealingKey:
    """The key of a wave.

    Parameters
    ----------
    folder : Path
        ``Office.sealing_keys``: beside the other keys and outside the database, so that whoever
        has a copy of the one cannot read what comes with the other.
    code : str
        Of the wave.
    kid : str
        The name of the key that phones were told. Only where there is none yet is one made.

    Raises
    ------
    Lost
        The key of that name is not there.
    """
    path = folder / code
    try:
        if not kid:
            made_once(path, _new)
        key = _read(path, path.stat().st_mtime_ns)
    except (OSError, ValueError):
        raise Lost(code) from None
    if kid and key.kid != kid:
        raise Lost(code)
    return key


def to_tell(session: Session, folder: Path, wave: Wave) -> SealingKey:
    """The key that phones are told, which the wave remembers from then on.

    Raises
    ------
    Lost
        They were told another one, which is not there any more.
    """
    key = of_wave(folder, wave.code, wave.sealing_kid)
    if not wave.sealing_kid:
        wave.sealing_kid = key.kid
        audit.record(session, "minyi", "wave.key", wave.code, kid=key.kid)
    return key


def fault(folder: Path, wave: Wave) -> Problem | None:
    """What is wrong with the key of a wave, if phones were told one."""
    try:
        if wave.sealing_kid:
            of_wave(folder, wave.code, wave.sealing_kid)
    except Lost as lost:
        return lost.problems[0]
    return None


def seal(
    point: bytes,
    text: bytes,
    aad: bytes,
    *,
    ephemeral: ec.EllipticCurvePrivateKey | None = None,
    iv: bytes | None = None,
) -> bytes:
    """Seal a text for the owner of a public key, as the phones do.

    Parameters
    ----------
    point : bytes
        The wave's public key, an uncompressed point.
    aad : bytes
        See :func:`context`.
    ephemeral, iv : optional
        Fixed ones, to make test vectors; a second text under the same pair would betray both.
    """
    ephemeral = ephemeral or ec.generate_private_key(CURVE)
    iv = iv or secrets.token_bytes(IV)
    theirs = ec.EllipticCurvePublicKey.from_encoded_point(CURVE, point)
    epk = SealingKey(ephemeral).point
    key = _derived(ephemeral.exchange(ec.ECDH(), theirs), epk)
    return epk + iv + AESGCM(key).encrypt(iv, text, aad)


def context(wave: str, unit: int | str, instance_id: str) -> bytes:
    """What a sealed interview is bound to: its wave, its address and its own name.

    Of a re-check or a phone's file, ``recheck`` or ``queue`` stands for the address.

    >>> context("2026-11", 7, "uuid:1")
    b'2026-11|7|uuid:1'
    """
    return f"{wave}|{unit}|{instance_id}".encode()


@lru_cache(maxsize=64)
def _read(path: Path, _changed_at: int) -> SealingKey:
    """Derived once for as long as the file stays as it is."""
    return SealingKey(ec.derive_private_key(int(path.read_text("ascii"), 16), CURVE))


def _new() -> str:
    return f"{ec.generate_private_key(CURVE).private_numbers().private_value:064x}"


def _derived(shared: bytes, salt: bytes) -> bytes:
    return HKDF(algorithm=hashes.SHA256(), length=32, salt=salt, info=INFO).derive(shared)


def _base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")
