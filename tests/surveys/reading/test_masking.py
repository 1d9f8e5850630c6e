"""Masks: what names a person or a door is hidden, what names a problem is not."""

from __future__ import annotations

import time

import pytest

from surveys.reading.masking import LONGEST, MASK, masked


@pytest.mark.parametrize(
    "secret",
    [
        "13800138000", "138 0013 8000", "138-0013-8000", "１３８００１３８０００",
        "一三八〇〇一三八〇〇〇",
        "34011119800101123X", "0551-65123456", "zhang.san@example.cn", "微信号：abc_12345",
        "3栋2单元501室", "12号楼1003", "3-2-501", "王师傅", "张建国书记", "我叫李明",
    ],
)  # fmt: skip
def test_what_names_someone_is_hidden(secret: str) -> None:
    said = masked(f"路灯坏了，{secret}，请尽快修。")
    assert said.startswith("路灯坏了，")
    assert MASK in said
    assert secret not in said


@pytest.mark.parametrize(
    "plain",
    [
        "希望多建2个公园",
        "5路公交太少",
        "晚上10点以后还施工",
        "2026年的停车位",
        "垃圾三天没收",
        "学校门口太堵",
    ],
)
def test_what_names_a_problem_stays(plain: str) -> None:
    assert masked(plain) == plain


@pytest.mark.parametrize("piece", ["1", "王", "3栋", "1-", "a@", "我叫王"])
def test_five_megabytes_take_no_time(piece: str) -> None:
    before = time.process_time()
    assert len(masked(piece * (5_000_000 // len(piece)))) <= LONGEST
    assert time.process_time() - before < 1
