"""What is wrong is said with its place, in the reader's language and punctuation."""

from __future__ import annotations

from surveys.problems import Problem

CHINESE = {"No age.": "没有年龄。", ": ": "："}


def test_a_place_is_set_off_as_the_language_does_it() -> None:
    problem = Problem("No age.", where="第3行")
    assert problem.said(CHINESE.__getitem__) == "第3行：没有年龄。"
    assert str(problem) == "第3行: No age."
