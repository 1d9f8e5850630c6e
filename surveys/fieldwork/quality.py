"""Quality flags: what staff look at before a wave is locked.

A flag never deletes anything. It names a response worth a second look; staff leave it out with a
reason (:mod:`surveys.fieldwork.exclusions`) or leave it alone.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from statistics import median
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session

from surveys.fieldwork.exclusions import Exclusion
from surveys.fieldwork.interviews import Interview
from surveys.problems import N_
from surveys.questionnaires import published
from surveys.questionnaires.definition import MISSING, Questionnaire
from surveys.responses import Response
from surveys.waves import Wave

FLAGS = {
    "duplicate": N_("the same answers as another response"),
    "similar": N_("all answers but one as in another response"),
    "speeder": N_("answered in less than a third of the usual time"),
    "straight": N_("the same answer to every question of a block"),
    "repeated": N_("one of several like it from the same interviewer"),
    "burst": N_("one of several like it on the web, within half an hour"),
    "told": N_("was told how to answer"),
    "insider": N_("an official, cadre or grid worker"),
}
HASTE = 1 / 3  # of the median duration of the mode
ENOUGH_TIMED = 20  # responses of a mode that make a usual time
BLOCK = 6  # questions of a block; all eight environments alike say more than two alike
COMPARED = 12  # answers below which two responses are alike by chance
REPEATED = 3  # responses of one interviewer that are alike
BURST = dt.timedelta(minutes=30)  # within which so many alike look like one hand on one device

# The answers of the standard questionnaire that are flags themselves: flag → question, code.
TELLING = {"told": ("I1", "yes"), "insider": ("D4", "yes")}


class Seen(NamedTuple):
    """A response as far as its flags need it."""

    id: int
    community_id: int
    mode: str
    interviewer: str | None
    started_at: dt.datetime
    submitted_at: dt.datetime
    answers: Mapping[str, str]
    account: int | None = None  # from which it was uploaded

    @property
    def seconds(self) -> float:
        """How long it took."""
        return (self.submitted_at - self.started_at).total_seconds()


def flags(session: Session, wave: Wave) -> dict[int, set[str]]:
    """The flags of each eligible response of a wave, by id; a response without any is left out.

    Parameters
    ----------
    wave : Wave
        In any state; both streams are looked at, each response among those of its own community.

    Notes
    -----
    Near-identical questionnaires as a sign of fabrication: Kuriakose & Robbins (2016), "Don't get
    duped: fraud through duplication in public opinion surveys", Statistical Journal of the IAOS
    32, 283–291. Contented people resemble each other, so that their 85 per cent flags many honest
    ones (Simmons et al. 2016); here all answers but one must agree, open words apart.
    """
    questionnaire = published.load(session, wave.questionnaire_id)
    seen = _seen(session, wave)
    found: defaultdict[int, set[str]] = defaultdict(set)
    for flag, ids in (
        *alike(questionnaire, seen).items(),
        ("speeder", speeders((one.id, one.mode, one.seconds) for one in seen)),
        ("straight", straight(questionnaire, seen)),
    ):
        for response_id in ids:
            found[response_id].add(flag)
    for one in seen:
        for flag, (question, code) in TELLING.items():
            if one.answers.get(question) == code:
                found[one.id].add(flag)
    return dict(found)


def speeders(durations: Iterable[tuple[int, str, float]]) -> set[int]:
    """Those who took less than a third of the median of their mode in this wave.

    Parameters
    ----------
    durations : iterable of (id, mode, seconds)
        A mode with fewer than 20 responses has no usual time and no speeders.

    Examples
    --------
    >>> speeders([(number, "web", 180.0) for number in range(20)] + [(99, "web", 59.0)])
    {99}
    """
    by_mode: defaultdict[str, list[tuple[int, float]]] = defaultdict(list)
    for response_id, mode, seconds in durations:
        by_mode[mode].append((response_id, seconds))
    found: set[int] = set()
    for timed in by_mode.values():
        if len(timed) >= ENOUGH_TIMED:
            shortest = HASTE * median(seconds for _id, seconds in timed)
            found.update(response_id for response_id, seconds in timed if seconds < shortest)
    return found


def straight(questionnaire: Questionnaire, seen: Iterable[Seen]) -> set[int]:
    """Those who gave one and the same answer to all questions of a block."""
    found = set()
    for block in blocks(questionnaire):
        for one in seen:
            given = {one.answers.get(name, "") for name in block}
            if len(given) == 1 and not given & {"", *MISSING}:
                found.add(one.id)
    return found


def blocks(questionnaire: Questionnaire) -> list[list[str]]:
    """Questions asked alike: on pages of several, with the same answers to choose from.

    A code of missing (such as "no dealings in the past year") makes no difference between them.
    """
    alike: defaultdict[tuple[str, ...], list[str]] = defaultdict(list)
    for page in questionnaire.pages:
        asking = [question for question in page.questions if question.type == "select_one"]
        for question in asking if len(asking) > 1 else ():
            alike[tuple(code for code in question.codes if code not in MISSING)].append(
                question.name
            )
    return [names for names in alike.values() if len(names) >= BLOCK]


def alike(questionnaire: Questionnaire, seen: Iterable[Seen]) -> dict[str, set[int]]:
    """Who resembles whom in a community: duplicate, similar, repeated, or in a burst.

    Notes
    -----
    What comes from one device is not known: residents' pages set no cookie and keep no address.
    An interviewer's answers are known by the pair and by the account that uploaded them, whoever
    it names as the partner. On the web, answers alike that arrive within half an hour are what one
    device answering again and again leaves behind.

    Two responses agree in all answers but one if, for some question, what remains without it is
    the same. The sum of a response's hashed answers, less one of them at a time, finds all such
    pairs in one pass.
    """
    names = [
        question.name
        for question in questionnaire.questions.values()
        if question.asks and question.type != "text"
    ]
    found: dict[str, set[int]] = {
        "duplicate": set(),
        "similar": set(),
        "repeated": set(),
        "burst": set(),
    }
    by_community: defaultdict[int, list[Seen]] = defaultdict(list)
    for one in seen:
        given = sum(one.answers.get(name, "") not in {"", *MISSING} for name in names)
        if given >= COMPARED:
            by_community[one.community_id].append(one)
    for neighbours in by_community.values():
        for flag, ids in _alike(names, neighbours).items():
            found[flag] |= ids
    found["similar"] -= found["duplicate"]
    return found


def _alike(names: Sequence[str], seen: Sequence[Seen]) -> dict[str, set[int]]:
    whole: defaultdict[int, list[Seen]] = defaultdict(list)
    but_one: defaultdict[tuple[str, int], list[Seen]] = defaultdict(list)
    for one in seen:
        hashed = {name: hash((name, one.answers.get(name))) for name in names}
        total = sum(hashed.values())
        whole[total].append(one)
        for name in names:
            but_one[name, total - hashed[name]].append(one)
    groups = [group for group in but_one.values() if len(group) > 1]
    return {
        "duplicate": {one.id for group in whole.values() if len(group) > 1 for one in group},
        "similar": {one.id for group in groups for one in group},
        "repeated": {one.id for group in groups for one in _repeated(group)},
        "burst": {one.id for group in groups for one in _burst(group)},
    }


def _repeated(group: Sequence[Seen]) -> list[Seen]:
    """Those of a group of like responses whose interviewer, or whose account, has several in it."""
    pairs = Counter(one.interviewer for one in group if one.interviewer)
    accounts = Counter(one.account for one in group if one.account is not None)
    return [
        one
        for one in group
        if (one.interviewer and pairs[one.interviewer] >= REPEATED)
        or (one.account is not None and accounts[one.account] >= REPEATED)
    ]


def _burst(group: Sequence[Seen]) -> list[Seen]:
    """Those of a group of like responses that came on the web soon after one another."""
    alone = [one for one in group if one.mode == "web" and not one.interviewer]
    alone.sort(key=lambda one: one.submitted_at)
    found: set[int] = set()
    for at in range(len(alone) - REPEATED + 1):
        some = alone[at : at + REPEATED]
        if some[-1].submitted_at - some[0].submitted_at <= BURST:
            found.update(one.id for one in some)
    return [one for one in alone if one.id in found]


def _seen(session: Session, wave: Wave) -> list[Seen]:
    query = (
        sa.select(
            Response.id,
            Response.community_id,
            Response.mode,
            Response.interviewer,
            Response.started_at,
            Response.submitted_at,
            Response.answers,
            Interview.user_id,
        )
        .outerjoin(Interview, Interview.response_id == Response.id)
        .where(Response.wave_id == wave.id, Response.eligible)
        .order_by(Response.id)
    )
    return [Seen(*row) for row in session.execute(query)]


class Finding(NamedTuple):
    """A flagged response, for those who decide about it."""

    response: Response
    flags: tuple[str, ...]  # in the order of FLAGS
    exclusion: Exclusion | None


def findings(session: Session, wave: Wave) -> list[Finding]:
    """The flagged responses of a wave with what was decided, the most flagged first."""
    by_id = flags(session, wave)
    query = (
        sa.select(Response, Exclusion)
        .outerjoin(Exclusion, Exclusion.response_id == Response.id)
        .where(Response.wave_id == wave.id)
        .order_by(Response.community_id, Response.instance_id)
    )
    found = [
        Finding(response, tuple(flag for flag in FLAGS if flag in by_id[response.id]), exclusion)
        for response, exclusion in session.execute(query)
        if response.id in by_id
    ]
    return sorted(found, key=lambda finding: -len(finding.flags))
