"""The open link beside the sample, never inside."""

from __future__ import annotations

import csv
import io

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from surveys.areas import Area
from surveys.office import Office
from surveys.results.estimates import StoredEstimate
from tests.support.pages import words

RESULTS = "/staff/results/2026-11"


def set_apart(office: Office, *, disagrees: bool) -> None:
    """Store a pseudo-weighted open link, five points above the sample."""
    with office.database.write() as session:
        session.execute(
            sa.update(StoredEstimate)
            .where(StoredEstimate.stream == "open", StoredEstimate.indicator == "awareness")
            .values(estimate=0.9, lower=0.85, upper=0.94, difference=0.05)
            .values(difference_lower=0.01 if disagrees else -0.01, difference_upper=0.09)
            .values(disagrees=disagrees)
        )


@pytest.mark.usefixtures("locked")
def test_the_open_link_is_never_judged(desk: FlaskClient) -> None:
    assert "非概率样本，不判定" in words(desk.get(RESULTS))


@pytest.mark.usefixtures("locked")
@pytest.mark.parametrize("disagrees", [True, False])
def test_the_difference_of_the_streams_stands_with_its_interval_and_a_warning(
    desk: FlaskClient, office: Office, disagrees: bool
) -> None:
    set_apart(office, disagrees=disagrees)
    said = words(desk.get(RESULTS))
    assert "+5.0" in said
    assert f"{'+' if disagrees else '−'}1.0至+9.0" in said
    assert ("两种来源的差异超出偶然：知晓率" in said) is disagrees
    desk.get(f"{RESULTS}?lang=en")


@pytest.mark.usefixtures("locked")
def test_each_community_with_thirty_answers_of_both_has_its_own_difference(
    desk: FlaskClient, office: Office
) -> None:
    with office.database.write() as session:
        for code, n, difference in (("east", 30, 0.07), ("west", 29, -0.2)):
            area = sa.select(Area.id).where(Area.code == code).scalar_subquery()
            here = sa.update(StoredEstimate).where(
                StoredEstimate.area_id == area, StoredEstimate.indicator == "awareness"
            )
            session.execute(here.values(n=n))
            session.execute(
                here.where(StoredEstimate.stream == "open").values(
                    estimate=0.9, difference=difference, disagrees=True,
                    difference_lower=difference - 0.02, difference_upper=difference + 0.02,
                )
            )  # fmt: skip
    said = words(desk.get(RESULTS))
    assert "+7.0" in said
    assert "+5.0至+9.0" in said
    assert "−20.0" not in said  # one answer too few


@pytest.mark.usefixtures("locked")
def test_the_csv_has_no_pseudo_weighted_number_of_the_open_link(
    desk: FlaskClient, office: Office
) -> None:
    with office.database.write() as session:
        numbers = dict.fromkeys(("estimate", "lower", "upper", "se", "n_effective"), 0.5)
        opened = sa.update(StoredEstimate).where(StoredEstimate.stream == "open")
        session.execute(opened.values(numbers))
    text = desk.get(f"{RESULTS}.csv?lang=en").data.decode("utf-8-sig")
    rows = [row for row in csv.DictReader(io.StringIO(text)) if row["Stream"] == "open link"]
    blank = ("Weighted estimate", "95% interval, lower", "Standard error", "n, effective")
    assert {row[name] for row in rows for name in blank} == {""}
    assert any(row["Unweighted share"] for row in rows)
    assert all(row["n, unweighted"] for row in rows)
