"""Selection: how many units each stratum gets, and which places a systematic draw picks."""

from __future__ import annotations

from collections.abc import Mapping


def allocate(strata: Mapping[str, int], wanted: int, *, least: int) -> dict[str, int]:
    """Share out a sample among strata in proportion to their size.

    Parameters
    ----------
    strata : mapping of stratum to int
        N_h, the units in each.
    wanted : int
        n. Where the least of all strata together is more, the sample is larger.
    least : int
        Units drawn in a stratum at least, or all it has; below two it has no variance.

    Returns
    -------
    dict of stratum to int
        n_h. One unit after another goes to the stratum with most units per place (the divisor
        method of Sainte-Laguë): whole numbers without a remainder to argue about.

    Examples
    --------
    >>> allocate({"managed": 600, "rural": 300, "selfbuilt": 3}, 27, least=4)
    {'managed': 16, 'rural': 8, 'selfbuilt': 3}
    """
    if wanted <= 0:
        return dict.fromkeys(strata, 0)
    sizes = {stratum: min(least, size) for stratum, size in strata.items()}
    for _ in range(wanted - sum(sizes.values())):
        room = [stratum for stratum in sorted(strata) if sizes[stratum] < strata[stratum]]
        if not room:
            break
        sizes[max(room, key=lambda stratum: strata[stratum] / (2 * sizes[stratum] + 1))] += 1
    return sizes


def systematic(population: int, size: int, start: int) -> list[int]:
    """The places a systematic draw picks, at even distances from a random start.

    Parameters
    ----------
    population, size : int
        N and n.
    start : int
        Chosen evenly from 0 … N-1. In whole numbers every place has probability exactly n/N: of
        the n·N pairs of start and step, n fall on it.

    >>> systematic(10, 3, 4)
    [1, 4, 8]
    """
    return [(start + step * population) // size for step in range(size)]
