"""Papers: Word, Excel and PDF, made of the same stored figures as the screens.

An office may replace any template by its own: a file of the same name in ``templates`` of the data
folder comes first. ``minyi report templates`` puts copies there to begin with.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from surveys import areas, waves
from surveys.office import Office
from surveys.problems import N_, Problem, Refused

HOUSE = Path(__file__).with_name("templates")
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PDF = "application/pdf"


@dataclass(frozen=True)
class Paper:
    """A kind of paper.

    Parameters
    ----------
    title, says : str
        What it is called and what is in it, marked for translation.
    file : str
        Name of the file, with the place of the wave's code.
    make : callable
        (office, wave code, community code or None) → the file's bytes.
    from_the_lock : bool
        Whether it holds rates, and so needs a locked wave.
    """

    title: str
    says: str
    file: str
    kind: str
    make: Callable[[Office, str, str | None], bytes]
    from_the_lock: bool = True

    def file_of(self, wave: str) -> str:
        return self.file % {"wave": wave}


def template(office: Office, name: str) -> Path:
    """The office's own template of a name, or the house's."""
    own = office.data / "templates" / name
    return own if own.exists() else HOUSE / name


def copy_templates(office: Office) -> list[Path]:
    """Put the house's templates where the office may change them; none of its own is replaced."""
    folder = office.data / "templates"
    folder.mkdir(exist_ok=True)
    missing = [
        file
        for file in sorted(HOUSE.iterdir())
        if file.is_file() and not (folder / file.name).exists()
    ]
    return [Path(shutil.copy(file, folder)) for file in missing]


def make(office: Office, name: str, wave: str, community: str | None = None) -> bytes:
    """Make one paper.

    Raises
    ------
    Refused
        There is no such paper, wave or community, the wave is not locked, or a template of the
        office cannot be filled.
    """
    if name not in PAPERS:
        text = N_("There is no paper %(name)s; there are: %(names)s.")
        raise Refused(Problem(text, {"name": name, "names": ", ".join(PAPERS)}))
    return PAPERS[name].make(office, wave, community)


def _material(office: Office, wave: str) -> Any:
    from webapp.reports import material  # noqa: PLC0415  (what sets papers is heavy to load)

    with office.database.read() as session:
        return material.of_wave(session, waves.get(session, wave))


def _bulletin(office: Office, wave: str, _community: str | None) -> bytes:
    from webapp.reports import bulletin, word  # noqa: PLC0415

    content = bulletin.content(_material(office, wave))
    return word.fill(template(office, "bulletin.docx"), content)


def _ranking(office: Office, wave: str, _community: str | None) -> bytes:
    from webapp.reports import ranking  # noqa: PLC0415

    return ranking.workbook(_material(office, wave))


def _weekly(office: Office, wave: str, _community: str | None) -> bytes:
    from webapp.reports import weekly, word  # noqa: PLC0415

    with office.database.read() as session:
        progress = weekly.of_wave(session, waves.get(session, wave))
    return word.fill(template(office, "weekly.docx"), weekly.content(progress))


def _sheets(office: Office, wave: str, community: str | None) -> bytes:
    from surveys.reading.places import comments as comments_of  # noqa: PLC0415
    from webapp.reports import sheets, typesetting  # noqa: PLC0415

    found = _material(office, wave)
    with office.database.read() as session:
        code = areas.get(session, community).code if community is not None else None
        kept = [place for place in found.places if code in (None, place.area.code)]
        comments = {
            place.area.code: [
                one.text
                for one in comments_of(
                    session, found.questionnaire, place.area, [found.wave],
                    within={place.area.id}, most=sheets.COMMENTS,
                )
            ]
            for place in kept
        }  # fmt: skip
    if not kept:
        text = N_("%(community)s is not among the communities of this wave.")
        raise Refused(Problem(text, {"community": community}))
    content = sheets.content(found, kept, comments)
    return typesetting.pdf(template(office, "community.typ"), content)


def _technical(office: Office, wave: str, _community: str | None) -> bytes:
    from webapp.reports import technical, typesetting  # noqa: PLC0415

    content = technical.content(_material(office, wave))
    return typesetting.pdf(template(office, "technical.typ"), content)


PAPERS = {
    "bulletin": Paper(
        N_("Bulletin"),
        N_("What the wave found, for the units concerned: basis, results, problems, demands."),
        *("通报-%(wave)s.docx", WORD, _bulletin),
    ),
    "ranking": Paper(
        N_("Ranking table"),
        N_("All communities with their rates, intervals and states; charts that can be edited."),
        *("排名表-%(wave)s.xlsx", EXCEL, _ranking),
    ),
    "weekly": Paper(
        N_("Weekly supervision report"),
        N_("How fieldwork stands: counts and response, never rates."),
        *("督查周报-%(wave)s.docx", WORD, _weekly),
        from_the_lock=False,
    ),
    "sheets": Paper(
        N_("Community sheets"),
        N_("A page for each community: rates, trends, environments, fieldwork."),
        *("社区单页-%(wave)s.pdf", PDF, _sheets),
    ),
    "technical": Paper(
        N_("Technical report"),
        N_("For auditors: design, response, weights, definitions, all tables."),
        *("技术报告-%(wave)s.pdf", PDF, _technical),
    ),
}
