"""Conditional Poisson sampling: independent yes-or-no draws, given how many say yes.

The units are the leaves of a binary tree. Upwards, each node learns the distribution of the number
of draws below it, the convolution of its two halves (Poisson-binomial). Downwards, a node that must
hold t draws gives k of them to its left half with probability ∝ P_left(k)·P_right(t−k). This holds
for any probabilities, to the precision of floating point; one pass up serves all draws, and takes
about N log N steps in place of the N·n of the list-sequential way, or of √n trials of drawing all
units until the number is right [1]_.

References
----------
.. [1] Tillé 2006, Sampling Algorithms, §5.6, has the older ways.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.fft import irfft, next_fast_len, rfft

from analysis.draws import Uniforms

Floats = NDArray[np.float64]
Counts = NDArray[np.intp]
Flags = NDArray[np.bool_]

#: From this width on distributions are convolved by fast Fourier transform.
WIDE = 33

#: Counts less likely than this are as good as impossible: the transform's own error.
NEGLIGIBLE = 1e-16


@dataclass(frozen=True)
class Level:
    """The nodes of one level, and how many draws each may hold.

    Parameters
    ----------
    first : array of int, shape (nodes,)
        The smallest count that matters in each node.
    chance : array, shape (nodes, width)
        P(first), P(first + 1), …
    """

    first: Counts
    chance: Floats

    @property
    def halves(self) -> tuple[Level, Level]:
        """The left and the right children."""
        first, chance = self.first, self.chance
        return Level(first[0::2], chance[0::2]), Level(first[1::2], chance[1::2])


class ConditionalPoisson:
    """Samples of fixed size with P(s) ∝ Π_{i∈s} p_i/(1−p_i).

    Parameters
    ----------
    probabilities : array, shape (N,)
        p_i of the independent draws, each above 0 and below 1.

    Examples
    --------
    >>> design = ConditionalPoisson(np.array([0.2, 0.5, 0.5, 0.8]))
    >>> np.flatnonzero(design.draw(2, Uniforms(3)))
    array([2, 3])
    """

    def __init__(self, probabilities: Floats) -> None:
        self._count = len(probabilities)
        leaves = np.zeros(1 << max(self._count - 1, 0).bit_length())
        leaves[: self._count] = probabilities  # those added can never be drawn
        chance = np.column_stack([1 - leaves, leaves])
        self._levels = [Level(np.zeros(len(leaves), np.intp), chance)]
        while len(self._levels[-1].first) > 1:
            self._levels.append(_trimmed(_sum(*self._levels[-1].halves)))

    def draw(self, size: int, uniforms: Uniforms) -> Flags:
        """Return which units are drawn, array of bool of shape (N,), ``size`` of them true."""
        held = np.array([size])
        for level in reversed(self._levels[:-1]):
            left = _share_of_left(held, *level.halves, uniforms.take(len(held)))
            held = np.column_stack([left, held - left]).ravel()
        return np.asarray(held[: self._count] == 1)


def _sum(left: Level, right: Level) -> Level:
    """Node by node, the distribution of the sum of two counts."""
    width = left.chance.shape[1]
    if width < WIDE:
        total = np.zeros((len(left.first), 2 * width - 1))
        for k in range(width):
            total[:, k : k + width] += left.chance[:, k, None] * right.chance
    else:
        length = next_fast_len(2 * width - 1, real=True)
        product = rfft(left.chance, length) * rfft(right.chance, length)
        total = np.maximum(irfft(product, length)[:, : 2 * width - 1], 0.0)
    return Level(left.first + right.first, total)


def _trimmed(level: Level) -> Level:
    """Leave out the counts at both ends that are as good as impossible in every node."""
    matters = level.chance > NEGLIGIBLE
    start, width = matters.argmax(axis=1), level.chance.shape[1]
    kept = int((width - matters[:, ::-1].argmax(axis=1) - start).max())
    start = np.minimum(start, width - kept)
    chance = np.take_along_axis(level.chance, start[:, None] + np.arange(kept), axis=1)
    return Level(level.first + start, chance)


def _share_of_left(held: Counts, left: Level, right: Level, point: Floats) -> Counts:
    """How many of the draws each node holds fall into its left half, by inverse distribution."""
    width = left.chance.shape[1]
    rest = (held - left.first - right.first)[:, None] - np.arange(width)
    other = np.take_along_axis(right.chance, np.clip(rest, 0, width - 1), axis=1)
    likely = np.cumsum(left.chance * np.where((rest >= 0) & (rest < width), other, 0.0), axis=1)
    return np.asarray(left.first + (likely <= point[:, None] * likely[:, -1:]).sum(axis=1))
