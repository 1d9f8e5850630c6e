"""``minyi lock``, ``minyi weigh`` and ``minyi replay``: what an auditor types."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from surveys.office import Office
from surveys.results.estimates import StoredEstimate
from tests.support import fieldwork, harvest
from tests.support.fieldwork import Fieldwork
from tests.webapp.cli.conftest import Minyi


@pytest.fixture
def closed(sqlite_office: Office) -> Fieldwork:
    """A small wave, closed."""
    field = fieldwork.begin(sqlite_office)
    harvest.gather(field)
    harvest.close(field)
    return field


def test_a_wave_is_locked_weighed_again_and_replayed(minyi: Minyi, closed: Fieldwork) -> None:
    minyi("lock", closed.wave)
    told = minyi("weigh", closed.wave, "--set", "adults_cap=2", "--margins")
    assert "calibration" in told.stdout
    assert "no margins" in told.stderr
    assert minyi("replay", closed.wave).stderr == ""
    with closed.office.database.write() as session:
        session.execute(sa.update(StoredEstimate).values(n_effective=1000))
    assert "n_effective is stored as 1000" in minyi("replay", closed.wave, status=1).stderr


def test_an_impossible_setting_is_refused(minyi: Minyi, closed: Fieldwork) -> None:
    minyi("lock", closed.wave)
    assert "no setting cap" in minyi("weigh", closed.wave, "--set", "cap=2", status=1).stderr
    assert "write trim=4" in minyi("weigh", closed.wave, "--set", "trim", status=1).stderr
