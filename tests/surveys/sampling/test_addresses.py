"""Spellings of addresses: what is one door, and what must stay two."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from surveys.sampling.addresses import normal

SAME = [
    # width, case, blanks, dashes
    ("河口路３号", "河口路3号"),
    ("河口路 3 号", "河口路3号"),
    ("Ａ座501", "a座501"),
    ("3栋-2单元-501", "3栋2单元501"),
    ("3栋－2单元—501室", "3栋2单元501室"),
    ("阳光小区（东区）3栋", "阳光小区东区3栋"),
    ("中山路12－3号", "中山路12-3号"),
    # buildings
    ("3号楼501", "3栋501"),
    ("3幢501", "3栋501"),
    ("3座501", "3栋501"),
    ("3#501", "3栋501"),
    ("3#楼501", "3号楼501"),
    ("3号栋501", "3号楼501"),
    ("3栋楼501", "3栋501"),
    ("第3栋501", "3栋501"),
    ("03栋501", "3栋501"),
    ("B幢1201", "b座1201"),
    # numerals
    ("十二栋", "12栋"),
    ("二十号楼", "20号楼"),
    ("二十一幢", "21幢"),
    ("一百零五号", "105号"),
    ("一百一十五号", "115号"),
    ("二〇三室", "203室"),
    ("三栋二单元五〇一", "3栋2单元501"),
    ("阳光小区叁栋壹单元", "阳光小区3栋1单元"),
    ("一单元501", "1单元501"),
    ("第一单元501", "1单元501"),
    ("3棟1單元501號", "3栋1单元501号"),
    ("五一路三号", "五一路3号"),
    # the last word
    ("3栋2单元501室", "3栋2单元501"),
    ("3栋2单元501号", "3栋2单元501"),
    ("3栋2单元501户", "3栋2单元501"),
    ("3栋2单元501房", "3栋2单元501"),
    ("3栋2单元501号房间", "3栋2单元501"),
    ("3栋2单元0501", "3栋2单元501"),
    ("中山路12号", "中山路12"),
    # numbers alone
    ("3-2-501", "3栋2单元501室"),
    ("3/2/501", "3栋2单元501室"),
    ("3 2 501", "3栋2单元501室"),
    ("三-二-501", "3栋2单元501室"),
    ("阳光小区3-2-501", "阳光小区3号楼2单元501"),
    ("3栋2-501", "3栋2单元501"),
    ("3-2单元501", "3栋2单元501"),
    ("8-102", "8栋102"),
    ("阳光小区8-102", "阳光小区8栋102"),
    ("A-501", "A座501"),
    # villages
    ("第三村民小组12号", "三组12号"),
    ("3小组12户", "三组12"),
    ("第三生产队12号", "3队12号"),
]

APART = [
    ("3栋501", "3栋502"),
    ("3栋501", "3单元501"),
    ("3号楼501", "3号501"),
    ("3号楼", "3号"),
    ("3号楼501", "3楼501"),
    ("3栋", "3单元"),
    ("12栋1", "1栋21"),
    ("12-1", "1-21"),
    ("1 2501", "12 501"),
    ("501-1", "5011"),
    ("501-1", "501"),
    ("3栋501-1", "3栋501"),
    ("A501", "B501"),
    ("501A", "501"),
    ("501东户", "501西户"),
    ("东区3栋", "西区3栋"),
    ("3号院2号楼", "2号院3号楼"),
    ("中山路12号3", "中山路123"),
    ("中山路12-3号", "中山路123号"),
    ("中山路12-301", "中山路12栋301"),
    ("中山路1巷2号", "中山路12号"),
    ("三十二号", "三〇二号"),
    ("三十号", "三号"),
    ("一百零五号", "一百五十号"),
    ("十栋", "一栋"),
    ("五一路3号", "五路13号"),
    ("三组12号", "三队12号"),
    ("三组12号", "十三组2号"),
    ("3栋1单元101", "3栋11单元01"),
    ("10栋1单元", "1栋01单元"),
    ("100号", "1号"),
    ("3栋2单元", "3栋2"),
    ("地下室1", "1室"),
    ("1.5栋", "15栋"),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_two_spellings_of_one_door_are_equal(one: str, other: str) -> None:
    assert normal(one) == normal(other)


@pytest.mark.parametrize(("one", "other"), APART)
def test_two_doors_stay_two(one: str, other: str) -> None:
    assert normal(one) != normal(other)


def test_names_keep_their_numerals() -> None:
    assert normal("五一路三里屯二十四城3号") == "五一路三里屯二十四城3"


def test_nothing_is_nothing() -> None:
    assert normal("　 - ") == ""


doors = st.tuples(st.integers(1, 99), st.integers(1, 9), st.integers(1, 35), st.integers(1, 9))


@given(doors, doors)
def test_different_doors_are_different_in_every_spelling(
    one: tuple[int, ...], other: tuple[int, ...]
) -> None:
    def spellings(building: int, unit: int, floor: int, door: int) -> set[str]:
        number = f"{floor}{door:02}"
        return {
            normal(text)
            for text in (
                f"{building}栋{unit}单元{number}",
                f"{building:02}号楼{unit}单元{number}室",
                f"{building}幢 {unit}-{number}",
                f"{building}-{unit}-{number}",
                f"{building}#楼{unit}单元{number:0>4}号",
            )
        }

    assert len(spellings(*one)) == 1
    assert (spellings(*one) == spellings(*other)) == (one == other)


def test_a_long_text_takes_no_longer_than_its_length() -> None:
    start = time.perf_counter()
    normal("一" * 20_000 + "-" * 20_000 + "0" * 20_000)
    assert time.perf_counter() - start < 5
