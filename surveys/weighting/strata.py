"""Strata: community × housing type of the frame, and the rule that collapses the thin ones.

A stratum with a single respondent has no variance to estimate, and small strata are routine. The
rule is fixed before anyone sees an answer, looks at counts alone, and is stored with the weights.

>>> strata = collapse({("c1", "managed"): 9, ("c1", "selfbuilt"): 1, ("c1", "rural"): 4})
>>> strata["c1", "managed"], strata["c1", "rural"]
('c1/managed', 'c1/selfbuilt+rural')
"""

from __future__ import annotations

from collections.abc import Mapping

Stratum = tuple[str, str]  # community code, housing type of the frame

# Who lives like whom, most alike first: flats are looked after by a company, an office or nobody,
# houses are built and kept by their own families.
SIMILAR: dict[str, tuple[str, ...]] = {
    "managed": ("resettled", "unmanaged", "selfbuilt", "rural"),
    "unmanaged": ("resettled", "managed", "selfbuilt", "rural"),
    "selfbuilt": ("rural", "unmanaged", "resettled", "managed"),
    "resettled": ("unmanaged", "managed", "selfbuilt", "rural"),
    "rural": ("selfbuilt", "unmanaged", "resettled", "managed"),
}
ENOUGH = 2  # respondents, or there is no variance
RULE = (
    "As long as a stratum has fewer than 2 respondents, the thinnest one joins the stratum with "
    "the most similar housing of its own community; when its community has no other, of the next "
    "community by code (after the last, of the one before)."
)

_ORDER = list(SIMILAR)
_Group = tuple[Stratum, ...]  # sorted by community, then by the order of housing types


def collapse(respondents: Mapping[Stratum, int], enough: int = ENOUGH) -> dict[Stratum, str]:
    """Name, for every stratum of the frame, the stratum it is estimated in.

    Parameters
    ----------
    respondents : mapping of (community, housing) to int
        Eligible respondents. Strata of the frame where nobody answered belong here with 0, so
        that someone stands for their households.

    Returns
    -------
    dict of (community, housing) to str
        ``community/housing`` for a stratum that stands alone, ``community/housing+housing`` for
        one made of several. Only a township with fewer than two respondents in all keeps a thin
        stratum.
    """
    groups: list[_Group] = [(stratum,) for stratum in respondents]

    def thinness(group: _Group) -> tuple[int, list[tuple[str, int]]]:
        return sum(respondents[stratum] for stratum in group), [_place(s) for s in group]

    while len(groups) > 1:
        thin = min(groups, key=thinness)
        if thinness(thin)[0] >= enough:
            break
        groups.remove(thin)
        host = _host(thin, groups)
        groups.remove(host)
        groups.append(tuple(sorted(thin + host, key=_place)))
    named = {stratum: _name(group) for group in groups for stratum in group}
    return {stratum: named[stratum] for stratum in sorted(named, key=_place)}


def _host(thin: _Group, others: list[_Group]) -> _Group:
    communities = sorted({community for group in others for community, _ in group})
    here = thin[-1][0]
    nearest = next((code for code in communities if code >= here), communities[-1])
    near = [group for group in others if any(code == nearest for code, _ in group)]
    return min(near, key=lambda group: (_distance(thin, group), _place(group[0])))


def _distance(one: _Group, other: _Group) -> int:
    """0 for the same housing, else the best rank that any housing of the one gives the other's."""
    return min((a, *SIMILAR[a]).index(b) for _, a in one for _, b in other)


def _place(stratum: Stratum) -> tuple[str, int]:
    return stratum[0], _ORDER.index(stratum[1])


def _name(group: _Group) -> str:
    by_community: dict[str, list[str]] = {}
    for community, housing in group:
        by_community.setdefault(community, []).append(housing)
    return " & ".join(f"{code}/{'+'.join(kinds)}" for code, kinds in by_community.items())
