"""Replicate weights made from a design: every replicate multiplies the weights of whole PSUs.

They carry the finite population correction, each in its way: the jackknife in the scale of its
deviations, balanced halves and the bootstrap in how far their multipliers move from 1.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.problems import DesignError
from analysis.replicates.balanced import balanced
from analysis.replicates.bootstrap import bootstrap
from analysis.replicates.given import (
    GIVEN_KINDS,
    GivenReplicates,
    degrees_of_freedom,
    given_replicates,
)
from analysis.replicates.jackknife import jackknife
from analysis.stages import Stage

Floats = NDArray[np.float64]

KINDS = ("jk1", "jkn", "brr", "fay", "bootstrap")


@dataclass(frozen=True)
class Replication:
    """How replicates are made and read.

    Parameters
    ----------
    kind : {"jk1", "jkn", "brr", "fay", "bootstrap"}
    multipliers : callable
        From a slice of the replicates to an array of shape (PSUs, replicates of the slice).
    scale : array, shape (replicates,)
        V = Σ scale·(θ_r − θ̄)².
    """

    kind: str
    multipliers: Callable[[slice], Floats]
    scale: Floats


def replication(
    stage: Stage, kind: str, *, replicates: int, rho: float, seed: int | None
) -> Replication:
    """Make replicates of the first stage of a design.

    Parameters
    ----------
    stage : Stage
        The first.
    kind : str
    replicates : int
        How many, of the bootstrap.
    rho : float
        Fay's ρ: each half-sample keeps ρ of the weight it drops.
    seed : int, optional
        Of the bootstrap.
    """
    if kind not in KINDS:
        raise DesignError(
            "There are no %(kind)s replicates; there are %(kinds)s.",
            kind=kind, kinds=", ".join(KINDS),
        )  # fmt: skip
    if kind == "jk1" and len(stage.n) > 1:
        raise DesignError("JK1 is for designs without strata; take JKn.")
    if kind in ("jk1", "jkn"):
        return Replication(kind, *jackknife(stage))
    if kind == "bootstrap":
        return Replication(kind, *bootstrap(stage, replicates, seed))
    if not 0 <= rho < 1 or (kind == "fay") != (rho > 0):
        raise DesignError("Fay's rho lies above 0 and below 1, and is for fay replicates only.")
    return Replication(kind, *balanced(stage, rho))


__all__ = [
    "GIVEN_KINDS",
    "KINDS",
    "GivenReplicates",
    "Replication",
    "degrees_of_freedom",
    "given_replicates",
    "replication",
]
