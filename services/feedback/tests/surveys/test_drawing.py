"""The draw: the same at every replay, fair, and judged by the right stratum."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from careline.ids import encode, new_id
from feedback.sampling.drawing import Closing, Occasion, Policy, draw, judge, rate_of

from .factories import UNHURRIED

AT = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
RATES = {("*", "*"): 0.5, ("*", "gold"): 1.0, ("chat", "*"): 0.2, ("chat", "gold"): 0.3}


def policy(**changed: object) -> Policy:
    fields = {
        "version": 1,
        "seed": "0123456789abcdef",
        "pause_days": 30,
        "excluded_dispositions": frozenset({"spam"}),
        "occasions": {"interaction": Occasion("follow_up", 1, 72)},
        "rates": RATES,
    } | changed
    return Policy(**fields)  # type: ignore[arg-type]


def closing(**changed: object) -> Closing:
    fields = {
        "subject": encode("int", new_id()),
        "reason": "interaction",
        "channel": "mail",
        "disposition": "resolved",
        "closed_at": AT,
    } | changed
    return Closing(**fields)  # type: ignore[arg-type]


def test_known_draws_stay_as_they_are() -> None:
    # sha256("0123456789abcdef" + "int_00000000000000000000000000"), first 53 bits.
    assert draw("0123456789abcdef", "int_00000000000000000000000000") == pytest.approx(0.21870650066229047, abs=1e-15)


@UNHURRIED
@given(st.text(min_size=16, max_size=64), st.text(max_size=40))
def test_every_draw_is_in_range_and_repeats(seed: str, subject: str) -> None:
    first = draw(seed, subject)

    assert 0 <= first < 1
    assert draw(seed, subject) == first


@UNHURRIED
@given(st.integers(0, 10**9))
def test_replay_decides_the_same(number: int) -> None:
    one = closing(subject=f"int_{number}")

    assert judge(policy(), one, "regular", AT) == judge(policy(), one, "regular", AT)


def test_the_share_is_the_rate() -> None:
    drawn = sum(draw("a seed of sixteen", f"int_{number}") < 0.3 for number in range(20_000))

    # Five standard deviations of a binomial around 6,000.
    assert abs(drawn - 6_000) < 5 * (20_000 * 0.3 * 0.7) ** 0.5


def test_another_seed_draws_others() -> None:
    subjects = [f"int_{number}" for number in range(1_000)]
    first = {each for each in subjects if draw("seed one sixteen", each) < 0.5}
    second = {each for each in subjects if draw("seed two sixteen", each) < 0.5}

    assert 150 < len(first & second) < 350


@pytest.mark.parametrize(
    ("channel", "tier", "rate"),
    [("chat", "gold", 0.3), ("chat", "regular", 0.2), ("mail", "gold", 1.0), ("mail", "unknown", 0.5)],
)
def test_stratum(channel: str, tier: str, rate: float) -> None:
    assert rate_of(policy(), channel, tier) == rate


def test_none_and_all() -> None:
    nobody, everybody = policy(rates={("*", "*"): 0.0}), policy(rates={("*", "*"): 1.0})
    for _ in range(200):
        assert judge(nobody, closing(), "regular", AT).decision == "not_drawn"
        assert judge(everybody, closing(), "regular", AT).decision == "sampled"


def test_within_three_days() -> None:
    verdict = judge(policy(), closing(), "gold", AT + timedelta(minutes=5))

    assert verdict.not_before == AT + timedelta(hours=1)
    assert verdict.not_after == AT + timedelta(days=3)


def test_late_but_in_time_is_asked_at_once() -> None:
    now = AT + timedelta(hours=71)

    assert judge(policy(), closing(), "gold", now).not_before == now


def test_too_late() -> None:
    assert judge(policy(), closing(), "gold", AT + timedelta(hours=72)).decision == "too_late"


def test_not_after_a_matter_that_was_none() -> None:
    assert judge(policy(), closing(disposition="spam"), "gold", AT).decision == "excluded"
    assert judge(policy(), closing(reason="visit"), "gold", AT).decision == "excluded"
