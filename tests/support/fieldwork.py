"""A small wave under way, made through the record as a township makes it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import surveys
from surveys import areas, people, waves
from surveys.office import Office
from surveys.questionnaires import published
from surveys.sampling import draws, frames, invitations

STANDARD = Path(surveys.__file__).parent / "library" / "standard.xlsx"
COMMUNITIES = {"east": ("东村社区", "East Village"), "west": ("西村社区", "West Village")}
WAVE = "2026-11"
DWELLINGS = 30  # of each housing type in each community


@dataclass(frozen=True)
class Fieldwork:
    """An office whose one wave is open, with slips that nobody has used yet.

    Parameters
    ----------
    office : Office
        Where it lies.
    wave : str
        The wave's code.
    communities : tuple of str
        Their codes.
    password : str
        Of the administrator, whose name is ``admin``.
    codes : iterator of str
        One unused invitation code after another.
    """

    office: Office
    wave: str
    communities: tuple[str, ...]
    password: str
    codes: Iterator[str]

    def invitation(self) -> str:
        """The address on a slip nobody has used yet."""
        return f"/i/{next(self.codes)}"

    def open_link(self) -> str:
        """The address on the poster of the first community."""
        return f"/s/{self.wave}/{self.communities[0]}"


def begin(office: Office, drawn: int = 80) -> Fieldwork:
    """Fill an empty, migrated office: areas, addresses, questionnaire, a wave drawn and opened."""
    with office.database.write() as session:
        township = areas.add(session, "township", "河口镇", "Hekou", "township")
        for code, names in COMMUNITIES.items():
            areas.add(session, code, *names, "community", township)
        frames.import_list(session, office.keys, BytesIO(_address_list().encode()))
        questionnaire = published.publish(session, STANDARD.read_bytes(), STANDARD.name, "test")
        wave = waves.create(
            session,
            code=WAVE,
            title_zh="二〇二六年第四季度民意调查",
            title_en="Survey of the fourth quarter of 2026",
            month=WAVE,
            area=township,
            questionnaire=questionnaire,
            sponsor="河口镇人民政府",
            seed=1,
            actor="test",
        )
        draws.draw(session, office.keys, wave, drawn, "test")
        waves.open_(session, wave, "test")
        _, password = people.add_user(session, "admin", "admin", actor="test")
        codes = [slip.code for slip in invitations.slips(session, office.keys, wave)]
    return Fieldwork(office, WAVE, tuple(COMMUNITIES), password, iter(codes))


def _address_list() -> str:
    lines = ["community,housing,address"]
    for community in COMMUNITIES:
        for housing in frames.HOUSING:
            lines += [
                f"{community},{housing},{housing}路{number}号" for number in range(1, DWELLINGS + 1)
            ]
    return "\n".join(lines)
