"""What is planned for whom, and when. Business time begins on 2026-11-22 at noon in Shanghai."""

import pytest

from ..planning import Plans, lunar, solar


async def test_a_solar_birthday_is_planned_seven_days_ahead_at_ten_in_the_customers_zone(plans: Plans) -> None:
    in_shanghai = await plans.customer(birthday=solar(11, 29))
    in_new_york = await plans.customer(birthday=solar(11, 29), time_zone="America/New_York")
    too_late = await plans.customer(birthday=solar(12, 2))

    await plans.plan()

    assert await plans.due(in_shanghai, "birthday") == [("2026", "2026-11-29 02:00", "planned")]
    assert await plans.due(in_new_york, "birthday") == [("2026", "2026-11-29 15:00", "planned")]
    assert await plans.due(too_late, "birthday") == []


async def test_a_lunar_birthday_has_the_lunar_year_as_its_key(plans: Plans) -> None:
    """十一月二十 falls twice in 2026: once in January for lunar 2025 and once in December for lunar 2026."""
    customer = await plans.customer(birthday=lunar(11, 20))
    await plans.plan()

    await plans.set_clock("2026-12-22T00:00+00:00")
    await plans.plan()
    await plans.set_clock("2027-12-22T00:00+00:00")
    await plans.plan()

    assert await plans.due(customer, "birthday") == [
        ("2026", "2026-12-28 02:00", "planned"),
        ("2027", "2027-12-17 02:00", "expired"),
    ]


async def test_who_has_no_birthday_is_not_greeted_and_who_was_born_on_the_first_of_january_1970_is(
    plans: Plans,
) -> None:
    """A rival keeps an unknown birthday as 1970-01-01 and greets everybody on New Year's Day."""
    unknown = await plans.customer(birthday=None)
    epoch = await plans.customer(birthday={**solar(1, 1), "year": 1970})
    await plans.plan()

    await plans.set_clock("2026-12-28T00:00+00:00")
    await plans.plan()

    assert await plans.due(unknown, "birthday") == []
    assert await plans.due(epoch, "birthday") == [("2027", "2027-01-01 02:00", "planned")]


async def test_the_birthday_is_greeted_on_its_day_and_not_one_day_early(plans: Plans) -> None:
    """A rival evaluates birthdays a day early in zones east of Greenwich; users write "birthday +1 day"."""
    auckland = await plans.customer(birthday=solar(11, 25), time_zone="Pacific/Auckland")
    kiritimati = await plans.customer(birthday=solar(11, 30), time_zone="Pacific/Kiritimati")
    honolulu = await plans.customer(birthday=solar(11, 25), time_zone="Pacific/Honolulu")

    await plans.plan()

    assert await plans.due(auckland, "birthday") == [("2026", "2026-11-24 21:00", "planned")]
    assert await plans.due(kiritimati, "birthday") == [("2026", "2026-11-29 20:00", "planned")]
    assert await plans.due(honolulu, "birthday") == [("2026", "2026-11-25 20:00", "planned")]


async def test_a_zone_that_does_not_exist_is_replaced_and_counted_and_spoils_nobody_else(plans: Plans) -> None:
    """A rival dropped 596,000 of 600,000 rows because of a few users with invalid zones."""
    wrong = await plans.customer(birthday=solar(11, 25), time_zone="Mars/Olympus")
    right = await plans.customer(birthday=solar(11, 25), time_zone="Europe/Paris")

    await plans.plan()

    assert await plans.due(wrong, "birthday") == [("2026", "2026-11-25 02:00", "planned")]
    assert await plans.due(right, "birthday") == [("2026", "2026-11-25 09:00", "planned")]


@pytest.mark.parametrize(
    ("occasion", "now", "expected"),
    [
        ("mid_autumn", "2027-09-10T00:00+00:00", ("2027", "2027-09-15 02:00", "planned")),
        ("great_cold", "2027-01-15T00:00+00:00", ("2027", "2027-01-20 02:00", "planned")),
    ],
)
async def test_festivals(plans: Plans, occasion: str, now: str, expected: tuple[str, str, str]) -> None:
    await plans.set_clock(now)
    customer = await plans.customer()
    in_hong_kong = await plans.customer(time_zone="Asia/Hong_Kong")

    await plans.plan()

    assert await plans.due(customer, occasion) == [expected]
    # The public holiday of Hong Kong is the day after; the festival is not.
    assert await plans.due(in_hong_kong, occasion) == [expected]


async def test_three_months_as_a_customer(plans: Plans) -> None:
    customer = await plans.customer(since_on="2026-08-25")
    on_the_31st = await plans.customer(since_on="2026-08-31")
    lead = await plans.customer(since_on="2026-08-25", lifecycle="lead")
    long_ago = await plans.customer(since_on="2019-08-25")

    await plans.plan()

    assert await plans.due(customer, "three_months") == [("3m", "2026-11-25 02:00", "planned")]
    assert await plans.due(on_the_31st, "three_months") == [("3m", "2026-11-30 02:00", "planned")]
    assert await plans.due(lead, "three_months") == []
    assert await plans.due(long_ago, "three_months") == []


async def test_a_purchase_overdue_by_its_own_cadence(plans: Plans) -> None:
    cadence = {"last_purchase_id": "pur_1", "overdue_at": "2026-11-24T03:00:00+00:00"}
    customer = await plans.customer(cadence=cadence)
    on_time = await plans.customer(cadence={**cadence, "overdue_at": "2026-11-24T02:00:00+00:00"})
    since_yesterday = await plans.customer(cadence={**cadence, "overdue_at": "2026-11-21T03:00:00+00:00"})
    since_a_year = await plans.customer(cadence={**cadence, "overdue_at": "2025-11-21T03:00:00+00:00"})

    await plans.plan()

    assert await plans.due(customer, "purchase_overdue") == [("pur_1", "2026-11-25 02:00", "planned")]
    assert await plans.due(on_time, "purchase_overdue") == [("pur_1", "2026-11-24 02:00", "planned")]
    assert await plans.due(since_yesterday, "purchase_overdue") == [("pur_1", "2026-11-22 02:00", "planned")]
    assert await plans.due(since_a_year, "purchase_overdue") == []


async def test_a_purchase_ends_the_worry_about_it(plans: Plans) -> None:
    customer = await plans.customer(cadence={"last_purchase_id": "pur_1", "overdue_at": "2026-11-24T03:00:00+00:00"})
    await plans.plan()

    await plans.customer(customer, cadence={"last_purchase_id": "pur_2", "overdue_at": "2026-11-27T03:00:00+00:00"})
    await plans.plan()

    assert await plans.due(customer, "purchase_overdue") == [("pur_2", "2026-11-28 02:00", "planned")]


async def test_a_warranty_that_ends_in_thirty_days(plans: Plans) -> None:
    ends = [{"product_id": "pro_1", "ends_on": "2026-12-25"}, {"product_id": "pro_2", "ends_on": "2026-12-26"}]
    customer = await plans.customer(warranties=ends)
    await plans.plan()
    assert await plans.due(customer, "warranty_ending") == [
        ("pro_1", "2026-11-25 02:00", "planned"),
        ("pro_2", "2026-11-26 02:00", "planned"),
    ]

    await plans.customer(customer, warranties=[{"product_id": "pro_2", "ends_on": "2026-12-27"}])
    await plans.plan()

    assert await plans.due(customer, "warranty_ending") == [("pro_2", "2026-11-27 02:00", "planned")]


async def test_planning_again_changes_nothing(plans: Plans) -> None:
    await plans.customer(birthday=solar(11, 25), since_on="2026-08-25")
    await plans.plan()
    before = await plans.items()

    await plans.execute("UPDATE plan_progress SET planned_until = NULL")
    await plans.plan()

    assert len(before) == 2
    assert await plans.items() == before


async def test_after_downtime_what_is_past_its_time_is_recorded_and_never_sent(plans: Plans) -> None:
    """Schedulers of the field run only the last missed tick, or drop what was missed."""
    early = await plans.customer(birthday=solar(12, 5))
    today = await plans.customer(birthday=solar(12, 13))
    later = await plans.customer(birthday=solar(12, 18))
    await plans.plan()

    # Three weeks without a planner, until one in the afternoon.
    await plans.set_clock("2026-12-13T05:00+00:00")
    await plans.plan()

    assert await plans.due(early, "birthday") == [("2026", "2026-12-05 02:00", "expired")]
    assert await plans.due(today, "birthday") == [("2026", "2026-12-13 02:00", "planned")]
    assert await plans.due(later, "birthday") == [("2026", "2026-12-18 02:00", "planned")]
    (expired,) = await plans.items(early)
    assert (expired["gate"], '"too_late"' in expired["verdicts"]) == ("expiry", True)


async def test_a_jump_of_two_years_leaves_no_day_out(plans: Plans) -> None:
    customer = await plans.customer(birthday=solar(2, 29))
    await plans.plan()

    await plans.set_clock("2028-11-22T04:00+00:00")
    await plans.plan()

    assert [(key, state) for key, _, state in await plans.due(customer, "birthday")] == [
        ("2027", "expired"),
        ("2028", "expired"),
    ]
    assert [key for key, *_ in await plans.due(customer, "mid_autumn")] == ["2027", "2028"]
    assert [key for key, *_ in await plans.due(customer, "great_cold")] == ["2027", "2028"]


async def test_nothing_expires_for_somebody_whom_we_did_not_know_then(plans: Plans) -> None:
    await plans.plan()
    await plans.set_clock("2026-12-13T05:00+00:00")
    new = await plans.customer(birthday=solar(12, 5))
    now_too_late = await plans.customer(birthday=solar(12, 12))

    await plans.plan()

    assert await plans.due(new, "birthday") == []
    assert await plans.due(now_too_late, "birthday") == []


async def test_who_is_registered_on_the_day_is_still_greeted(plans: Plans) -> None:
    await plans.plan()
    customer = await plans.customer(birthday=solar(11, 22))

    await plans.plan()

    assert await plans.due(customer, "birthday") == [("2026", "2026-11-22 02:00", "planned")]


async def test_a_birthday_that_is_corrected_moves_what_is_planned(plans: Plans) -> None:
    customer = await plans.customer(birthday=solar(11, 24))
    await plans.plan()

    await plans.customer(customer, birthday=solar(11, 26))
    await plans.plan()
    moved = await plans.due(customer, "birthday")
    await plans.customer(customer, birthday=solar(3, 26))
    await plans.plan()
    withdrawn = await plans.due(customer, "birthday")
    await plans.customer(customer, birthday=solar(11, 27))
    await plans.plan()

    assert moved == [("2026", "2026-11-26 02:00", "planned")]
    assert withdrawn == []
    assert await plans.due(customer, "birthday") == [("2026", "2026-11-27 02:00", "planned")]


async def test_who_was_greeted_is_not_greeted_again_when_the_birthday_is_corrected(plans: Plans) -> None:
    customer = await plans.customer(birthday=solar(11, 24))
    await plans.plan()
    await plans.execute("UPDATE care_items SET state = 'due', means = 'mail', cell = 'regular/birthday@v1'")
    await plans.execute("UPDATE care_items SET state = 'sent'")

    await plans.customer(customer, birthday=solar(11, 27))
    await plans.plan()

    assert await plans.due(customer, "birthday") == [("2026", "2026-11-24 02:00", "sent")]


async def test_what_is_claimed_stays_as_it_is_until_the_claim_is_over(plans: Plans) -> None:
    customer = await plans.customer(birthday=solar(11, 24))
    await plans.plan()
    await plans.execute(
        "UPDATE care_items SET claim_token = gen_random_uuid(), claimed_until = clock_timestamp() + interval '1 minute'"
    )

    await plans.customer(customer, birthday=solar(11, 27))
    await plans.plan()

    assert await plans.due(customer, "birthday") == [("2026", "2026-11-24 02:00", "planned")]


async def test_what_is_held_for_a_wrong_day_is_cancelled(plans: Plans) -> None:
    customer = await plans.customer(birthday=solar(11, 22))
    await plans.plan()
    await plans.execute("UPDATE care_items SET state = 'held'")

    await plans.customer(customer, birthday=solar(3, 22))
    await plans.plan()

    assert await plans.due(customer, "birthday") == [("2026", "2026-11-22 02:00", "cancelled")]
    # Who heard that it is held hears that it is over.
    async with plans.database.read_raw() as connection:
        assert await connection.fetchval("SELECT payload->'data'->>'outcome' FROM outbox") == "cancelled"


async def test_a_move_to_another_zone_moves_the_time(plans: Plans) -> None:
    customer = await plans.customer(birthday=solar(11, 24))
    await plans.plan()

    await plans.customer(customer, birthday=solar(11, 24), time_zone="Europe/London")
    await plans.plan()

    assert await plans.due(customer, "birthday") == [("2026", "2026-11-24 10:00", "planned")]


async def test_a_change_that_is_no_date_leaves_the_items_alone(plans: Plans) -> None:
    customer = await plans.customer(birthday=solar(11, 24))
    await plans.plan()
    before = await plans.items()

    await plans.customer(customer, birthday=solar(11, 24))

    async with plans.database.read_raw() as connection:
        assert await connection.fetchval("SELECT count(*) FROM care_customers WHERE changed_at IS NOT NULL") == 0
    await plans.plan()
    assert await plans.items() == before


async def test_news_that_come_late_do_not_bring_back_what_was(plans: Plans) -> None:
    customer = await plans.customer(birthday=solar(11, 24))
    await plans.customer(customer, birthday=solar(11, 25))
    plans.versions[customer] = 0
    await plans.customer(customer, birthday=solar(11, 24))

    await plans.plan()

    assert await plans.due(customer, "birthday") == [("2026", "2026-11-25 02:00", "planned")]
