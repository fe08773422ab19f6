"""100,000 customers, each with a mobile number and a mail address, loaded set-based."""

import asyncpg

from tests.faults.stand import Stand

CUSTOMERS = 100_000

_LOAD = """
INSERT INTO customers (id, name, language, tier, lifecycle, version, created_at, updated_at)
SELECT uuidv7(), 'Customer ' || n, 'zh-CN', 'regular', 'customer', 1, now(), now() FROM generate_series(1, {count}) n;
INSERT INTO identifiers (id, customer_id, type, namespace, value, typed, shown, mobile, state, source, added_at)
SELECT uuidv7(), id, 'phone', '', '+86138' || lpad(n::text, 8, '0'), '138' || lpad(n::text, 8, '0'),
       '138 ' || lpad(n::text, 8, '0'), true, 'claimed', 'import', now()
FROM (SELECT id, row_number() OVER (ORDER BY id) AS n FROM customers) numbered;
INSERT INTO identifiers (id, customer_id, type, namespace, value, typed, shown, mobile, state, source, added_at)
SELECT uuidv7(), id, 'email', '', 'c' || n || '@mail.example', 'C' || n || '@mail.example', 'c' || n || '@mail.example',
       false, 'claimed', 'import', now()
FROM (SELECT id, row_number() OVER (ORDER BY id) AS n FROM customers) numbered;
ANALYZE customers;
ANALYZE identifiers
"""


async def load_customers(stand: Stand, count: int = CUSTOMERS) -> None:
    """Fill the profile's database."""
    connection = await asyncpg.connect(stand.database("profile"), ssl=False)
    try:
        await connection.execute(_LOAD.format(count=count))
        # Write the checkpoint now, so that it does not fall into a measurement.
        await connection.execute("CHECKPOINT")
    finally:
        await connection.close()


def identifiers() -> list[str]:
    """Random-access keys: half of them mobile numbers as people type them, half mail addresses."""
    return [f"138{n:08}" if n % 2 else f"c{n}%40mail.example" for n in range(1, CUSTOMERS + 1, 5)]
