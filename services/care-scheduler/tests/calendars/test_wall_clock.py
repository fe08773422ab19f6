"""Both nights of the year on which clocks are moved, in zones that do it oddly."""

from datetime import date, datetime, time

import pytest

from care_scheduler.calendars.wall_clock import moment, zone_named

# Zone, local time, UTC: computed with tzdata 2026 by the rule of PEP 495 with fold=0.
NIGHTS = [
    ("America/New_York", "2026-03-08 02:30", "2026-03-08 07:30"),
    ("America/New_York", "2026-11-01 01:30", "2026-11-01 05:30"),
    ("Europe/Paris", "2026-03-29 02:30", "2026-03-29 01:30"),
    ("Europe/Paris", "2026-10-25 02:30", "2026-10-25 00:30"),
    ("Europe/London", "2026-03-29 01:30", "2026-03-29 01:30"),
    ("Europe/London", "2026-10-25 01:30", "2026-10-25 00:30"),
    ("Australia/Lord_Howe", "2026-10-04 02:15", "2026-10-03 15:45"),
    ("Australia/Lord_Howe", "2026-04-05 01:45", "2026-04-04 14:45"),
    ("America/Santiago", "2026-09-06 00:00", "2026-09-06 04:00"),
    ("America/Havana", "2026-03-08 00:30", "2026-03-08 05:30"),
    ("Africa/Cairo", "2026-04-24 00:30", "2026-04-23 22:30"),
    ("Asia/Beirut", "2026-03-29 00:30", "2026-03-28 22:30"),
    ("Pacific/Apia", "2011-12-30 09:00", "2011-12-30 19:00"),
    ("Asia/Kathmandu", "2026-01-01 09:00", "2026-01-01 03:15"),
]


@pytest.mark.parametrize(("zone", "local", "utc"), NIGHTS)
def test_the_moment_to_act(zone: str, local: str, utc: str) -> None:
    found = zone_named(zone)
    wanted = datetime.fromisoformat(local)
    assert found is not None

    assert moment(found, wanted.date(), wanted.time()) == datetime.fromisoformat(f"{utc}+00:00")


@pytest.mark.parametrize("name", ["", "Mars/Olympus", "../../etc/passwd", "America", "Asia/Shanghai\x00", "UTC+8"])
def test_a_zone_that_does_not_exist(name: str) -> None:
    assert zone_named(name) is None


def test_renamed_zones_are_known_by_both_names() -> None:
    """A rival broke on the renaming of Kiev."""
    old, new = zone_named("Europe/Kiev"), zone_named("Europe/Kyiv")
    assert old is not None
    assert new is not None

    assert moment(old, date(2026, 7, 1), time(10)) == moment(new, date(2026, 7, 1), time(10))
