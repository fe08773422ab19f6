"""The figures against published values."""

from collections import Counter

import pytest

from feedback.metrics.statistics import csat, mean, nps, response_rates, share


# Newcombe 1998, Table I, method 3; the last four computed with statsmodels and SciPy.
@pytest.mark.parametrize(
    ("hits", "n", "low", "high"),
    [
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0000, 0.1611),
        (1, 29, 0.0061, 0.1718),
        (7, 50, 0.069508, 0.261862),
        (23, 60, 0.270883, 0.509824),
        (5, 10, 0.236593, 0.763407),
        (10, 10, 0.7225, 1.0),
    ],
)
def test_wilson(hits: int, n: int, low: float, high: float) -> None:
    estimate = share(hits, n)

    assert estimate.low == pytest.approx(low, abs=6e-5)
    assert estimate.high == pytest.approx(high, abs=6e-5)


def test_wilson_is_not_continuity_corrected() -> None:
    assert share(81, 263).low != pytest.approx(0.2535, abs=6e-5)


@pytest.mark.parametrize("figure", [share(0, 0), csat({}), nps({}), mean({}, 1, 7)])
def test_nobody_answered(figure: object) -> None:
    assert (figure.n, figure.value, figure.low, figure.high) == (0, None, None, None)  # type: ignore[attr-defined]


# Var = p + d - (p - d)^2; cybaea.net 2016, and the worked example of Cross Validated for the first.
@pytest.mark.parametrize(
    ("promoters", "passives", "detractors", "value", "margin"),
    [
        (162, 108, 54, 33.333, 8.116),
        (60, 30, 10, 50, 13.148),
        (500, 300, 200, 30, 4.841),
        (50, 0, 50, 0, 19.600),
    ],
)
def test_nps(promoters: int, passives: int, detractors: int, value: float, margin: float) -> None:
    estimate = nps({10: promoters, 8: passives, 0: detractors})

    assert estimate.value == pytest.approx(value, abs=1e-3)
    assert estimate.high is not None
    assert estimate.high - value == pytest.approx(margin, abs=1e-3)
    assert not estimate.too_few


def test_one_promoter_is_too_few_and_not_plus_minus_nothing() -> None:
    estimate = nps({10: 1})

    assert (estimate.value, estimate.low, estimate.high, estimate.too_few) == (100, None, None, True)


@pytest.mark.parametrize(("score", "value"), [(0, -100), (6, -100), (7, 0), (8, 0), (9, 100), (10, 100)])
def test_edges_of_nps(score: int, value: float) -> None:
    assert nps({score: 3}).value == value


def test_zero_counts_in_the_denominator() -> None:
    assert nps({0: 1, 10: 1}).value == 0
    assert nps({0: 1, 10: 1}).n == 2


def test_csat_is_the_share_of_the_two_best() -> None:
    estimate = csat(Counter([1, 2, 3, 4, 5, 5, 4, 3, 5, 1]))

    assert (estimate.value, estimate.n) == (0.5, 10)
    assert estimate.low == pytest.approx(0.236593, abs=1e-6)


def test_mean() -> None:
    estimate = mean(Counter([5, 6, 7, 6]), 1, 7)

    assert estimate.value == 6
    assert estimate.low == pytest.approx(6 - 1.959964 * (2 / 3) ** 0.5 / 2)


def test_interval_stays_on_the_scale() -> None:
    assert mean({7: 3, 1: 1}, 1, 7).high == 7
    assert nps({10: 9, 0: 1}).high == 100


def test_aapor() -> None:
    first, second = response_rates({"I": 200, "P": 20, "R": 80, "NC": 90, "O": 10, "UH": 60, "UO": 40})

    assert first == pytest.approx(0.4)
    assert second == pytest.approx(0.44)
    assert response_rates({}) == (None, None)
