"""Population margins: their import, and what does not fit together."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Iterable

import pytest

from surveys import areas
from surveys.office import Office
from surveys.problems import Refused
from surveys.sampling import frames
from surveys.weighting import margins
from tests.support import record
from tests.support.workbooks import table

DAY = dt.date(2025, 12, 31)
HEADING = "area,sex,age,housing,adults\n"


@pytest.fixture
def township(office: Office) -> Office:
    with office.database.write() as session:
        record.township(session)
    return office


@pytest.fixture
def sqlite_township(sqlite_office: Office) -> Office:
    with sqlite_office.database.write() as session:
        record.township(session)
    return sqlite_office


def imported(office: Office, text: str, source: str = "七普") -> int:
    with office.database.write() as session:
        file = io.BytesIO(text.encode())
        return margins.import_list(session, file, "margins.csv", source, DAY)


def stored(office: Office, code: str) -> dict[margins.Cell, int]:
    with office.database.read() as session:
        found = margins.of(session, [areas.get(session, code).id])
    assert {(one.source, one.as_of) for one in found} <= {("七普", DAY), ("年报", DAY)}
    return {(one.sex, one.age, one.housing): one.adults for one in found}


def faults(office: Office) -> list[str]:
    with office.database.read() as session:
        return list(map(str, margins.check(session)))


def by_sex_and_age(code: str, adults: int = 10) -> Iterable[str]:
    return (f"{code},{sex},{age},,{adults}" for sex in margins.SEXES for age in margins.AGES)


def complete() -> list[str]:
    """Both villages by sex and age, with their totals and the township's."""
    return [
        *by_sex_and_age("east"),
        *by_sex_and_age("west"),
        *("east,,,,120", "west,,,,120", "hekou,,,,240", "hekou,女,,,120", "hekou,男,,,120"),
    ]


def test_margins_are_codes_or_chinese_words(township: Office) -> None:
    text = (
        "区域,性别,年龄段,住房类型,人数\n"
        'east,男,18～24岁,有物业小区,"1,200"\neast,female,65岁及以上,合计,３\neast,合计,,rural,0\n'
    )
    assert imported(township, text) == 3
    assert stored(township, "east") == {
        ("male", "18-24", "managed"): 1200,
        ("female", "65+", ""): 3,
        ("", "", "rural"): 0,
    }


def test_margins_come_in_workbooks_and_replace_what_was_there(sqlite_township: Office) -> None:
    imported(sqlite_township, HEADING + "east,,,,100\nwest,,,,50\n")
    with sqlite_township.database.write() as session:
        file = table([("社区", "人数"), ("east", 110)])
        assert margins.import_list(session, file, "人口.xlsx", "年报", DAY) == 1
    assert stored(sqlite_township, "east") == {("", "", ""): 110}
    assert stored(sqlite_township, "west") == {("", "", ""): 50}


def test_a_list_with_faults_names_them_all_and_stores_nothing(sqlite_township: Office) -> None:
    text = HEADING + (
        "east,,,,100\nmars,,,,1\neast,?,12-17,castle,5\nwest,,,,many\nwest,,,,-5\neast,合计,,,100\n"
    )
    with pytest.raises(Refused) as refused:
        imported(sqlite_township, text, source=" ")
    assert [str(problem).partition(";")[0] for problem in refused.value.problems] == [
        "Say in at most 200 characters where the figures come from.",
        "Line 3: There is no area with the code mars.",
        "Line 4: “?” is not known in the column sex",
        "Line 4: “12-17” is not known in the column age",
        "Line 4: “castle” is not known in the column housing",
        "Line 5: “many” is no number of adults.",
        "Line 6: “-5” is no number of adults.",
        "Line 7: This cell stands in line 2 already.",
    ]
    assert stored(sqlite_township, "east") == {}


def test_margins_that_fit_together_have_no_problem(township: Office) -> None:
    imported(township, HEADING + "\n".join(complete()))
    assert faults(township) == []


def test_without_any_margins_there_is_one_problem(sqlite_township: Office) -> None:
    assert faults(sqlite_township) == ["There are no margins."]


@pytest.mark.parametrize(
    ("instead", "said"),
    [
        (
            {"hekou,,,,240": "hekou,,,,250"},
            [
                "hekou 河口镇: all adults: 250 are given, the parts add up to 240.",
                "hekou 河口镇: all adults: 250 are given, the places within add up to 240.",
            ],
        ),
        (
            {"east,,,,120": "east,,,,121", "hekou,,,,240": ""},
            [
                "east 东村: all adults: 121 are given, the parts add up to 120.",
                "hekou 河口镇: all adults: 240 are given, the places within add up to 241.",
            ],
        ),
        (
            {"west,female,25-34,,10": "", "west,,,,120": ""},
            ["west 西村: The number of women, 25-34 is missing."] * 2,
        ),
        (
            {"west,male,65+,,10": "west,male,65+,,0", "west,,,,120": "west,,,,110"},
            [
                "hekou 河口镇: all adults: 240 are given, the places within add up to 230.",
                "hekou 河口镇: men: 120 are given, the places within add up to 110.",
                "west 西村: There are no men, 65+; nobody who answers as one could be weighted.",
            ],
        ),
    ],
)
def test_what_does_not_fit_is_named_with_its_place_and_numbers(
    sqlite_township: Office, instead: dict[str, str], said: list[str]
) -> None:
    lines = [instead.get(line, line) for line in complete()]
    imported(sqlite_township, HEADING + "\n".join(filter(None, lines)))
    assert sorted(set(faults(sqlite_township))) == sorted(set(said))


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (
            ["hekou,,,,999", *by_sex_and_age("east"), *by_sex_and_age("west")],
            "hekou 河口镇: all adults: 999 are given, the places within add up to 240.",
        ),
        (
            [*by_sex_and_age("hekou", 20), "east,,,,120", "west,,,,130"],
            "hekou 河口镇: all adults: 240 are given, the places within add up to 250.",
        ),
    ],
)
def test_a_total_is_compared_with_finer_figures_of_the_places_within(
    sqlite_township: Office, lines: list[str], said: str
) -> None:
    imported(sqlite_township, HEADING + "\n".join(lines))
    assert faults(sqlite_township) == [said]


def test_a_community_without_margins_is_named(sqlite_township: Office) -> None:
    imported(sqlite_township, HEADING + "\n".join(by_sex_and_age("east")))
    assert faults(sqlite_township) == ["west 西村: There are no margins of this community."]


def test_a_housing_type_is_missing_only_where_people_live_in_it(sqlite_township: Office) -> None:
    imported(sqlite_township, HEADING + "east,,,managed,10\nwest,,,managed,10\nwest,,,rural,0\n")
    assert faults(sqlite_township) == []
    with sqlite_township.database.write() as session:
        frames.import_list(session, sqlite_township.keys, record.addresses(2))
    assert faults(sqlite_township) == [
        "east 东村: The number of rural houses is missing.",
        "west 西村: There are no rural houses; nobody who answers as one could be weighted.",
    ]


def test_a_branch_is_checked_by_itself(sqlite_township: Office) -> None:
    imported(sqlite_township, HEADING + "\n".join(by_sex_and_age("east")))
    with sqlite_township.database.read() as session:
        assert margins.check(session, areas.get(session, "east").id) == []
