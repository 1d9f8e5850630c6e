"""Papers made in the background: one that fails leaves the others standing."""

from __future__ import annotations

import fcntl

from surveys.office import Office
from tests.support.fieldwork import WAVE
from webapp import reports
from webapp.reports.workshop import Progress, Workshop


def test_papers_are_there_once_they_are_made(office: Office) -> None:
    workshop = Workshop(office, WAVE)
    assert [piece.made_at for piece in workshop.pieces(["ranking"])] == [None]
    seen: list[str] = []
    (piece,) = workshop.make(["ranking"], progress=seen.append)
    assert piece.made_at is not None
    assert piece.failure == {}
    assert seen == ["ranking"]
    assert workshop.file("ranking").name == f"排名表-{WAVE}.xlsx"


def test_whoever_waits_sees_how_far_it_is(office: Office) -> None:
    workshop = Workshop(office, WAVE)
    seen = []
    workshop.make(["weekly", "ranking"], progress=lambda _name: seen.append(workshop.progress()))
    assert seen == [Progress(0, 2, "weekly"), Progress(1, 2, "ranking")]
    assert workshop.progress() is None


def test_a_paper_that_fails_says_why_in_both_languages_and_the_others_stand(office: Office) -> None:
    reports.copy_templates(office)
    broken = office.data / "templates" / "bulletin.docx"
    broken.write_bytes(b"not a document")
    workshop = Workshop(office, WAVE)
    bulletin, ranking = workshop.make(["bulletin", "ranking"])
    assert ranking.made_at is not None
    assert not ranking.failure
    assert bulletin.made_at is None
    assert bulletin.failure["en"].startswith("The template bulletin.docx cannot be filled")
    assert bulletin.failure["zh"].startswith("模板")
    broken.unlink()
    (again,) = workshop.make(["bulletin"])
    assert again.made_at is not None
    assert not again.failure


def test_one_at_a_time_makes_papers_and_a_dead_one_does_not_hold_the_others_up(office) -> None:
    workshop = Workshop(office, WAVE)
    workshop.folder.mkdir(parents=True)
    with (workshop.folder / ".lock").open("a") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        assert workshop.is_busy()
        assert workshop.start(["ranking"]) is None
    assert not workshop.is_busy()
    thread = workshop.start(["ranking"])
    assert thread is not None
    thread.join()
    assert workshop.file("ranking").exists()
