"""Only the office opens what a phone has sealed, and it notices every change."""

from __future__ import annotations

import base64
import json
import stat
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st

from surveys.fieldwork import sealing
from surveys.fieldwork.sealing import SealingKey, Unopenable

VECTORS = Path(__file__).parents[2] / "webapp" / "api" / "seal_vectors.json"
CONTEXT = sealing.context("2026-11", 7, "uuid:1")


def decoded(text: str) -> int:
    return int.from_bytes(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)), "big")


def private(jwk: dict[str, str]) -> ec.EllipticCurvePrivateKey:
    return ec.derive_private_key(decoded(jwk["d"]), sealing.CURVE)


@pytest.fixture(scope="module")
def published() -> dict[str, Any]:
    stored: dict[str, Any] = json.loads(VECTORS.read_text("utf-8"))
    return stored


@pytest.fixture(scope="module")
def key() -> SealingKey:
    return SealingKey(ec.generate_private_key(sealing.CURVE))


def test_the_vectors_that_the_phones_share_seal_and_open(published: dict[str, Any]) -> None:
    key = SealingKey(private(published["private_jwk"]))
    assert key.kid == published["kid"]
    assert key.public_jwk == published["public_jwk"]
    assert len(published["vectors"]) >= 4
    for vector in published["vectors"]:
        aad = sealing.context(vector["wave"], vector["unit"], vector["id"])
        text = vector["text"].encode()
        made = sealing.seal(
            key.point,
            text,
            aad,
            ephemeral=private(vector["ephemeral_jwk"]),
            iv=base64.b64decode(vector["iv"]),
        )
        assert base64.b64encode(made).decode() == vector["sealed"]
        assert key.unseal(made, aad) == text


@given(st.binary(max_size=200), st.data())
def test_whatever_bit_is_changed_it_opens_no_more(
    key: SealingKey, text: bytes, data: st.DataObject
) -> None:
    sealed = bytearray(sealing.seal(key.point, text, CONTEXT))
    assert key.unseal(bytes(sealed), CONTEXT) == text
    place = data.draw(st.integers(0, 8 * len(sealed) - 1))
    sealed[place // 8] ^= 1 << place % 8
    with pytest.raises(Unopenable):
        key.unseal(bytes(sealed), CONTEXT)


@given(st.binary(max_size=120))
def test_what_was_never_sealed_does_not_open(key: SealingKey, rubbish: bytes) -> None:
    with pytest.raises(Unopenable):
        key.unseal(rubbish, CONTEXT)


def test_what_was_sealed_for_one_address_opens_under_no_other(key: SealingKey) -> None:
    sealed = sealing.seal(key.point, b"answers", CONTEXT)
    for other in (
        sealing.context("2026-12", 7, "uuid:1"),
        sealing.context("2026-11", 8, "uuid:1"),
        sealing.context("2026-11", 7, "uuid:2"),
    ):
        with pytest.raises(Unopenable):
            key.unseal(sealed, other)


def test_a_waves_key_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    first = sealing.of_wave(tmp_path / "waves", "2026-11")
    assert sealing.of_wave(tmp_path / "waves", "2026-11").kid == first.kid
    assert sealing.of_wave(tmp_path / "waves", "2026-12").kid != first.kid
    file = tmp_path / "waves" / "2026-11"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
