"""The figures of satisfaction, each with its interval. Pure functions of counts; what was skipped is not in them.

Wilson's interval: E. B. Wilson 1927, method 3 of R. G. Newcombe 1998. NPS: the variance of one answer is
p + d - (p - d)², so SE = sqrt(variance / n).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import sqrt
from typing import Final

Z_95: Final = 1.959964
# Below this many answers a figure says little, whatever its interval.
TOO_FEW_BELOW: Final = 5
_SATISFIED_FROM: Final = 4
_PROMOTER_FROM: Final = 9
_DETRACTOR_TO: Final = 6


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure of `n` answers. Without answers there is none; without spread or with one answer no interval."""

    n: int
    value: float | None
    low: float | None
    high: float | None

    @property
    def too_few(self) -> bool:
        """Whether nobody should conclude anything from it."""
        return self.n < TOO_FEW_BELOW


def share(hits: int, n: int) -> Estimate:
    """`hits` of `n` with Wilson's 95 % interval."""
    if n == 0:
        return Estimate(0, None, None, None)
    p, z2 = hits / n, Z_95 * Z_95
    middle = (p + z2 / (2 * n)) / (1 + z2 / n)
    half = Z_95 * sqrt(p * (1 - p) / n + z2 / (4 * n * n)) / (1 + z2 / n)
    return Estimate(n, p, max(0.0, middle - half), min(1.0, middle + half))


def csat(counts: Mapping[int, int]) -> Estimate:
    """The share of 4 and 5 among the answers from 1 to 5."""
    return share(sum(times for score, times in counts.items() if score >= _SATISFIED_FROM), sum(counts.values()))


def nps(counts: Mapping[int, int]) -> Estimate:
    """Promoters (9, 10) less detractors (0 to 6) in points of 100, ± 1.96 standard errors."""
    n = sum(counts.values())
    if n == 0:
        return Estimate(0, None, None, None)
    promoters = sum(times for score, times in counts.items() if score >= _PROMOTER_FROM) / n
    detractors = sum(times for score, times in counts.items() if score <= _DETRACTOR_TO) / n
    value = promoters - detractors
    # Answers that are all alike have no spread to estimate from: no interval is better than ± 0.
    variance = promoters + detractors - value * value
    if variance <= 0:
        return Estimate(n, 100 * value, None, None)
    half = Z_95 * sqrt(variance / n)
    return Estimate(n, 100 * value, 100 * max(-1.0, value - half), 100 * min(1.0, value + half))


def mean(counts: Mapping[int, int], lowest: int, highest: int) -> Estimate:
    """The mean of the answers, ± 1.96 standard errors, within the scale."""
    n = sum(counts.values())
    if n == 0:
        return Estimate(0, None, None, None)
    value = sum(score * times for score, times in counts.items()) / n
    squares = sum(times * (score - value) ** 2 for score, times in counts.items())
    if n == 1 or squares == 0:
        return Estimate(n, value, None, None)
    half = Z_95 * sqrt(squares / (n - 1) / n)
    return Estimate(n, value, max(float(lowest), value - half), min(float(highest), value + half))


def response_rates(dispositions: Mapping[str, int]) -> tuple[float | None, float | None]:
    """AAPOR's RR1 and RR2 of final dispositions (I, P, R, NC, O, UH, UO): who may have been eligible counts as so."""
    everybody = sum(dispositions.values())
    if everybody == 0:
        return None, None
    complete, partial = dispositions.get("I", 0), dispositions.get("P", 0)
    return complete / everybody, (complete + partial) / everybody
