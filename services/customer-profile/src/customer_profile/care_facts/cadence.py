"""The rhythm in which one customer buys, and from when on the next purchase is overdue. Pure functions."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Final

FEWEST_PURCHASES: Final = 4
ONE_ERRAND: Final = timedelta(days=1)
# Gaps that are alike to the day still vary by a tenth: nobody is late on the morning after.
LEAST_SPREAD: Final = 0.1
LONGEST_WAIT_DAYS: Final = 3650.0
_DAY_SECONDS: Final = 86_400.0

# One-sided 90 % points of Student's t for 1, 2, 3 … degrees of freedom: NIST/SEMATECH e-Handbook, table 1.3.6.7.2.
_T_90: Final = (
    *(3.078, 1.886, 1.638, 1.533, 1.476, 1.440, 1.415, 1.397, 1.383, 1.372),
    *(1.363, 1.356, 1.350, 1.345, 1.341, 1.337, 1.333, 1.330, 1.328, 1.325),
    *(1.323, 1.321, 1.319, 1.318, 1.316, 1.315, 1.314, 1.313, 1.311, 1.310),
)
_Z_90: Final = 1.2815515655446004


@dataclass(frozen=True, slots=True)
class Rhythm:
    """How regularly somebody buys."""

    typical_gap_days: float
    overdue_at: datetime


def rhythm(purchased_at: Sequence[datetime]) -> Rhythm | None:
    """The rhythm of purchases given in order of time; None with fewer than four errands.

    The gaps between purchases are taken as log-normal. A customer is overdue when the silence has outlasted the upper
    90 % prediction limit for one further gap: exp(m + t(0.90, n-1) * s * sqrt(1 + 1/n)) for n gaps whose logarithms
    have mean m and standard deviation s (the one-sided prediction bound for a normal sample, Hahn and Meeker,
    Statistical Intervals, 1991, section 4.8). So one regular buyer in ten is asked too early, whatever their rhythm;
    a fixed multiple of the mean gap would be wrong for most. Purchases within a day of each other are one errand.
    """
    errands: list[datetime] = []
    previous: datetime | None = None
    for moment in purchased_at:
        if previous is None or moment - previous > ONE_ERRAND:
            errands.append(moment)
        previous = moment
    if previous is None or len(errands) < FEWEST_PURCHASES:
        return None
    days = [(later - earlier).total_seconds() / _DAY_SECONDS for earlier, later in pairwise(errands)]
    logs = [math.log(gap) for gap in days]
    number = len(logs)
    # Not with `statistics`, whose exact fractions cost half of a page of facts.
    middle = math.fsum(logs) / number
    spread = max(math.sqrt(math.fsum((log - middle) ** 2 for log in logs) / (number - 1)), LEAST_SPREAD)
    limit = middle + student_t_90(number - 1) * spread * math.sqrt(1 + 1 / number)
    wait = timedelta(days=min(math.exp(min(limit, math.log(LONGEST_WAIT_DAYS))), LONGEST_WAIT_DAYS))
    return Rhythm(typical_gap_days=round(math.exp(middle), 1), overdue_at=previous + wait)


def student_t_90(degrees: int) -> float:
    """The one-sided 90 % point of Student's t, to three places."""
    if degrees <= len(_T_90):
        return _T_90[degrees - 1]
    # The first term of the expansion in 1/degrees (Abramowitz and Stegun 26.7.5).
    return _Z_90 + (_Z_90**3 + _Z_90) / (4 * degrees)
