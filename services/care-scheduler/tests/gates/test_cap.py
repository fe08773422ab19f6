"""The cap over all care: exact in every window, and given by rank, whatever the order of arrival."""

from datetime import UTC, datetime, timedelta
from random import Random
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from care_scheduler.gates.cap import Contender, broken_by, places
from care_scheduler.gates.model import Cap, Item

START = datetime(2026, 11, 23, 2, tzinfo=UTC)
HOUR = timedelta(hours=1)


def contender(number: int, priority: int, hours: int, valid: int = 12) -> Contender:
    due_at = START + hours * HOUR
    item = Item(
        UUID(int=number), UUID(int=1), "birthday", str(number), "marketing", None, due_at, due_at + valid * HOUR
    )
    return Contender(item, priority, due_at)


def most_in_any_window(times: list[datetime], days: int) -> int:
    length = timedelta(days=days)
    return max((sum(1 for each in times if first <= each < first + length) for first in times), default=0)


def test_the_two_highest_of_five_go_and_the_others_are_told_who_was_ahead() -> None:
    # The least important one is due first, the most important one last.
    five = [contender(number, priority=number * 10, hours=number * 24) for number in range(1, 6)]
    found = places([], five, [Cap(7, 2)])
    assert {number.int for number, place in found.items() if place.admitted} == {4, 5}
    assert {each.int for each in found[UUID(int=1)].ahead} == {4, 5}
    assert found[UUID(int=1)].cap == Cap(7, 2)


def test_at_the_same_priority_what_expires_first_goes_first() -> None:
    found = places([], [contender(1, 50, 0, valid=48), contender(2, 50, 1, valid=12)], [Cap(1, 1)])
    assert [found[UUID(int=number)].admitted for number in (1, 2)] == [False, True]


def test_what_was_sent_counts() -> None:
    found = places([START - 2 * HOUR], [contender(1, 99, 0)], [Cap(1, 1), Cap(30, 9)])
    assert (found[UUID(int=1)].admitted, found[UUID(int=1)].used, found[UUID(int=1)].ahead) == (False, 1, ())
    assert places([START - 24 * HOUR], [contender(1, 99, 0)], [Cap(1, 1)])[UUID(int=1)].admitted


HOURS = st.integers(-400, 400)
CAPS = st.lists(st.builds(Cap, st.integers(1, 9), st.integers(0, 4)), max_size=3, unique_by=lambda cap: cap.days)
CONTENDERS = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 400), st.integers(1, 90)), max_size=9).map(
    lambda given: [contender(number, *rest) for number, rest in enumerate(given, 2)]
)


@given(CONTENDERS, CAPS, st.randoms())
def test_no_window_ever_holds_more_and_arrival_does_not_matter(
    contenders: list[Contender], caps: list[Cap], chance: Random
) -> None:
    found = places([], contenders, caps)
    shuffled = list(contenders)
    chance.shuffle(shuffled)
    assert places([], shuffled, caps) == found
    admitted = [each for each in contenders if found[each.item.id].admitted]
    for cap in caps:
        assert most_in_any_window([each.at for each in admitted], cap.days) <= cap.at_most
    for each in contenders:
        if not found[each.item.id].admitted:
            higher = [other.at for other in admitted if other.rank < each.rank]
            assert broken_by(each.at, higher, caps) is not None


@given(st.lists(HOURS, max_size=8), HOURS, CAPS)
def test_a_cap_is_broken_exactly_if_a_window_with_the_new_contact_is_too_full(
    others: list[int], new: int, caps: list[Cap]
) -> None:
    moment, times = START + new * HOUR, [START + each * HOUR for each in others]
    expected = None
    for cap in caps:
        length = timedelta(days=cap.days)
        # Windows begin at whole hours here, so every one can be tried.
        for back in range(cap.days * 24):
            first = moment - back * HOUR
            if sum(1 for each in [*times, moment] if first <= each < first + length) > cap.at_most:
                expected = expected or cap
    assert broken_by(moment, times, caps) == expected
