"""Figures: what is known of an indicator, in an area, once a wave is locked.

Every figure is made from a snapshot, its weights, its manifest and the published definitions, and
nothing else, in a fixed order of rows: made again it is the same, bit for bit. A township's figure
comes from its pooled records, never from its communities' figures.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Estimated:
    """A rate or index of an area's residents, or of some of them.

    Parameters
    ----------
    area : str
        Code of the community, or of the wave's own area.
    indicator : str
    estimate, se, lower, upper : float or None
        0–1 for a rate (Korn–Graubard bounds), 0–100 for an index (t bounds).
    unweighted : float or None
        The plain share, or mean of points, of the base.
    n : int
        Respondents in the base.
    basis : str or None
        Whose errors the interval is from: ``household``, ``grid`` or, where theirs is larger,
        ``pairs`` of interviewers.
    """

    area: str
    indicator: str
    estimate: float | None = None
    unweighted: float | None = None
    se: float | None = None
    lower: float | None = None
    upper: float | None = None
    df: float | None = None
    n: int
    n_effective: float | None = None
    basis: str | None = None


@dataclass(frozen=True, kw_only=True)
class Figure(Estimated):
    """One figure of a locked wave, from one stream; see :class:`Estimated` too.

    Parameters
    ----------
    stream : str
        ``sample`` is weighted, estimated and judged; ``open`` is pseudo-weighted where there are
        margins, and never judged.
    n_weighted : float or None
        The adults that the base stands for.
    missing : int
        Respondents who were asked and refused or skipped: item non-response.
    verdict : str or None
        met | not_met | undecided | too_few; None without a target.
    reason : str or None
        Why a verdict that would be *met* is not: ``response_rate`` (below the wave's floor) or
        ``few_grids`` (a two-stage draw with fewer than nine grids in the community).
    response_rate : float or None
        RR2 of the area.
    with_excluded : float or None
        The estimate with the responses that staff excluded; None where there are none.
    difference, difference_lower, difference_upper : float or None
        Open link less sample, with its 95 % interval; of the open stream only.
    disagrees : bool or None
        Whether that interval leaves 0 out.
    modes : mapping
        Mode to respondents in the base.
    """

    stream: str
    definition_version: str
    kind: str
    n_weighted: float | None = None
    deff: float | None = None
    missing: int
    target: float | None = None
    verdict: str | None = None
    reason: str | None = None
    response_rate: float | None = None
    with_excluded: float | None = None
    difference: float | None = None
    difference_lower: float | None = None
    difference_upper: float | None = None
    disagrees: bool | None = None
    modes: Mapping[str, int]


@dataclass(frozen=True, kw_only=True)
class GroupFigure(Estimated):
    """A rate among some of a place's residents, never judged against a target.

    Parameters
    ----------
    variable, category : str
        Such as ``age`` and ``65+``; housing is the type on the list of addresses.
    """

    variable: str
    category: str
