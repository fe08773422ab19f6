"""Quiet hours on the customer's own clock, also in the two nights in which it is changed."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from care_scheduler.gates.quiet import quiet_until

ZONES = [
    "Asia/Shanghai",
    "America/New_York",
    "Europe/London",
    "Australia/Lord_Howe",
    "America/Santiago",
    "Asia/Kathmandu",
]
NIGHT = (time(22), time(8))


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("now", "zone", "begins", "ends", "until"),
    [
        ("2026-11-23T13:59:59", "Asia/Shanghai", *NIGHT, None),
        ("2026-11-23T14:00:00", "Asia/Shanghai", *NIGHT, "2026-11-24T00:00:00"),
        ("2026-11-23T23:59:59", "Asia/Shanghai", *NIGHT, "2026-11-24T00:00:00"),
        ("2026-11-24T00:00:00", "Asia/Shanghai", *NIGHT, None),
        # By day: a nap after lunch.
        ("2026-11-23T05:30:00", "Asia/Shanghai", time(13), time(14, 30), "2026-11-23T06:30:00"),
        ("2026-11-23T06:30:00", "Asia/Shanghai", time(13), time(14, 30), None),
        # The night of the fold in New York lasts eleven hours, the night of the gap nine.
        ("2026-11-01T02:00:00", "America/New_York", *NIGHT, "2026-11-01T13:00:00"),
        ("2026-03-08T03:00:00", "America/New_York", *NIGHT, "2026-03-08T12:00:00"),
        # Quiet hours that end where the clock jumps, and where it comes twice.
        ("2026-03-08T06:30:00", "America/New_York", time(22), time(2, 30), "2026-03-08T07:30:00"),
        ("2026-11-01T04:30:00", "America/New_York", time(22), time(1, 30), "2026-11-01T05:30:00"),
        ("2026-11-01T06:10:00", "America/New_York", time(22), time(1, 30), "2026-11-01T06:30:00"),
        ("2026-11-23T18:14:00", "Asia/Kathmandu", time(0), time(6), None),
        ("2026-11-23T18:15:00", "Asia/Kathmandu", time(0), time(6), "2026-11-24T00:15:00"),
    ],
)
def test_vectors(now: str, zone: str, begins: time, ends: time, until: str | None) -> None:
    assert quiet_until(utc(now), zone, begins, ends) == (utc(until) if until else None)


CLOCKS = st.times().map(lambda value: value.replace(second=0, microsecond=0))


@given(
    st.datetimes(datetime.fromisoformat("2025-01-01"), datetime.fromisoformat("2028-01-01")),
    st.sampled_from(ZONES),
    CLOCKS,
    CLOCKS,
)
def test_after_quiet_hours_nobody_is_quiet_and_they_always_end(
    now: datetime, zone: str, begins: time, ends: time
) -> None:
    moment = now.replace(tzinfo=UTC)
    until = quiet_until(moment, zone, begins, ends)
    clock = moment.astimezone(ZoneInfo(zone)).time()
    inside = begins != ends and (begins <= clock < ends if begins < ends else clock >= begins or clock < ends)
    assert (until is not None) == inside
    if until is not None:
        assert moment < until <= moment + timedelta(hours=26)
