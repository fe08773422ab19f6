"""The statements of planning: one for each kind of occasion, the same frame around all.

`slots` says when it is time where, `days` what falls on which day, `people` who is looked at, `wanted` what ought to
be there. Items are then added; in a second look (somebody's dates or the occasion's rules have changed) what nobody
has acted on is moved or withdrawn. One item per customer, occasion and key is the table's own constraint.
"""

from functools import cache
from typing import Final, Literal

from care_scheduler.occasions.model import Key

People = Literal["range", "changed"]

_FRAME: Final = """
WITH slots AS (
    SELECT * FROM unnest($1::text[], $2::date[], $3::timestamptz[], $4::timestamptz[])
        AS s (time_zone, on_date, previous_due_at, due_at)
),
days AS (
    SELECT * FROM unnest($5::text[], $6::smallint[], $7::smallint[], $8::boolean[], $9::text[], $10::date[])
        AS d (calendar, month, day, leap, occasion_key, on_date)
),
people AS ({people}),
wanted AS (
    SELECT p.customer_id, w.occasion_key, w.due_at, w.due_at + $11::interval AS not_after
    FROM people p JOIN {source}
    WHERE $12::boolean AND (p.is_customer OR NOT $13::boolean)
      AND w.due_at + $11::interval > greatest(p.known_since, p.since)
)
"""

_PEOPLE: Final[dict[People, str]] = {
    "range": """
    SELECT *, $18::timestamptz AS since FROM care_customers
    WHERE customer_id <= $17::uuid AND ($16::uuid IS NULL OR customer_id > $16::uuid)
""",
    "changed": """
    SELECT *, changed_at AS since FROM care_customers
    WHERE customer_id = ANY($16::uuid[]) AND $17::uuid IS NULL AND $18::timestamptz IS NULL
""",
}

_ON_A_FESTIVAL: Final = """(
        SELECT s.time_zone, d.occasion_key, s.due_at FROM days d JOIN slots s USING (on_date)
        WHERE $14::integer IS NOT NULL
    ) w USING (time_zone)"""

# Where an item comes from. Postgres' own arithmetic with zones is left out: it takes the second of two equal wall
# clock times, and does not know every zone that we know.
_SOURCES: Final[dict[Key, str]] = {
    "birthday": """(
        SELECT s.time_zone, d.calendar, d.month, d.day, d.leap, d.occasion_key, s.due_at
        FROM days d JOIN slots s USING (on_date) WHERE $14::integer IS NOT NULL
    ) w ON (w.time_zone, w.calendar, w.month, w.day, w.leap)
        = (p.time_zone, p.birthday_calendar, p.birthday_month, p.birthday_day, p.birthday_leap)""",
    "mid_autumn": _ON_A_FESTIVAL,
    "great_cold": _ON_A_FESTIVAL,
    "three_months": """(SELECT *, '3m' AS occasion_key FROM slots) w
        ON w.time_zone = p.time_zone AND w.on_date = (p.since_on + interval '3 months')::date - $14::integer""",
    # The first moment to send at or after the one at which the customer is overdue.
    "purchase_overdue": """LATERAL (
        SELECT p.last_purchase_id AS occasion_key, s.due_at FROM slots s
        WHERE s.time_zone = p.time_zone AND $14::integer IS NOT NULL
          AND p.overdue_at > s.previous_due_at AND p.overdue_at <= s.due_at
    ) w ON true""",
    "warranty_ending": """(
        SELECT g.customer_id, g.product_id AS occasion_key, s.time_zone, s.due_at
        FROM care_warranties g JOIN slots s ON s.on_date = g.ends_on - $14::integer
    ) w USING (customer_id, time_zone)""",
}

# The judgement of an item that is too late when it is planned, as the judging loop writes it.
TOO_LATE: Final = """jsonb_build_array(jsonb_build_object(
        'at', {now}, 'when', 'planned', 'outcome', 'expired', 'gates', jsonb_build_array(jsonb_build_object(
            'gate', 'expiry', 'verdict', 'no', 'reason', 'too_late',
            'facts', jsonb_build_object('not_after', {not_after})))))"""

# What is past its time when it is planned (after downtime, after a jump of business time) is recorded, never sent.
_ADD: Final = """
INSERT INTO care_items
    (customer_id, occasion, occasion_key, purpose, due_at, not_after, state, gate, verdicts, created_at)
SELECT customer_id, '{key}', occasion_key, purpose, due_at, not_after,
    CASE WHEN in_time THEN 'planned' ELSE 'expired' END,
    CASE WHEN in_time THEN NULL ELSE 'expiry' END,
    CASE WHEN in_time THEN '[]' ELSE {judgement} END,
    $15::timestamptz
FROM (
    SELECT wanted.*, occasions.purpose, not_after > $15::timestamptz AS in_time
    FROM wanted, occasions WHERE occasions.key = '{key}'
) found
ORDER BY customer_id
ON CONFLICT ON CONSTRAINT uq_care_items_once {conflict}
"""

_UNTOUCHED: Final = "{item}.state = 'planned' AND coalesce({item}.claimed_until < clock_timestamp(), true)"

_MOVE: Final = """DO UPDATE SET due_at = excluded.due_at, not_after = excluded.not_after
WHERE {untouched}
  AND (care_items.due_at, care_items.not_after) IS DISTINCT FROM (excluded.due_at, excluded.not_after)
"""

# Items whose reason is gone: the birthday was wrong, the purchase was made, the occasion is no longer cared for.
_WITHDRAW: Final = """
DELETE FROM care_items i USING people p
WHERE i.customer_id = p.customer_id AND i.occasion = '{key}' AND i.not_after > p.since
  AND $15::timestamptz IS NOT NULL AND {untouched}
  AND NOT EXISTS (SELECT FROM wanted w WHERE (w.customer_id, w.occasion_key) = (i.customer_id, i.occasion_key))
"""

# Somebody was told that it is held, so it does not vanish.
_CANCEL: Final = """
UPDATE care_items i SET state = 'cancelled', outcome = 'cancelled', version = i.version + 1 FROM people p
WHERE i.customer_id = p.customer_id AND i.occasion = '{key}' AND i.not_after > p.since
  AND $15::timestamptz IS NOT NULL AND i.state = 'held'
  AND NOT EXISTS (SELECT FROM wanted w WHERE (w.customer_id, w.occasion_key) = (i.customer_id, i.occasion_key))
RETURNING i.id, i.customer_id, i.occasion, i.reference, i.version
"""


@cache
def add(key: Key) -> str:
    """Add the items of a range of customers; those that are there stay as they are."""
    return _frame(key, "range") + _add(key, "DO NOTHING")


@cache
def add_or_move(key: Key, people: People) -> str:
    """Add the items of some customers, and move those that nobody has acted on."""
    return _frame(key, people) + _add(key, _MOVE.format(untouched=_UNTOUCHED.format(item="care_items")))


@cache
def withdraw(key: Key, people: People) -> str:
    """Withdraw the items of some customers whose reason is gone."""
    return _frame(key, people) + _WITHDRAW.format(key=key, untouched=_UNTOUCHED.format(item="i"))


@cache
def cancel(key: Key, people: People) -> str:
    """Cancel the items of some customers that are held and whose reason is gone."""
    return _frame(key, people) + _CANCEL.format(key=key)


def _add(key: Key, conflict: str) -> str:
    judgement = TOO_LATE.format(now="$15::timestamptz", not_after="not_after")
    return _ADD.format(key=key, conflict=conflict, judgement=judgement)


def _frame(key: Key, people: People) -> str:
    return _FRAME.format(people=_PEOPLE[people], source=_SOURCES[key])
