"""The statement of the look-up."""

from collections.abc import Sequence

from careline.database import ReadConnection
from customer_profile.identifiers.guess import Guess
from customer_profile.identifiers.mask import masked
from customer_profile.lookup.schemas import CustomerSummary, Matched

MOST_FOUND = 20

# Identifiers by their one spelling, and order numbers that shops have sent with purchases.
_LOOK_UP = """
SELECT c.id, c.name, c.tier, c.language, i.type, i.value, i.state
FROM unnest($1::text[], $2::text[]) AS wanted(value, type)
JOIN identifiers i USING (value, type)
JOIN customers c ON c.id = i.customer_id
UNION ALL
SELECT c.id, c.name, c.tier, c.language, 'order', p.external_id, 'claimed'
FROM purchases p JOIN customers c ON c.id = p.customer_id
WHERE p.external_id = ANY($3::text[])
LIMIT 20
"""


async def look_up(connection: ReadConnection, wanted: Sequence[Guess], orders: Sequence[str]) -> list[CustomerSummary]:
    """The customers who have one of the wanted identifiers, each once, in the order of likeliness."""
    rows = await connection.fetch(_LOOK_UP, [value for _, value in wanted], [kind for kind, _ in wanted], orders)
    found: dict[object, CustomerSummary] = {}
    for id_, name, tier, language, kind, value, state in rows:
        if id_ not in found:
            matched = Matched.model_construct(type=kind, value_shown=masked(kind, value), state=state)
            found[id_] = CustomerSummary.model_construct(
                id=id_, name=name, tier=tier, language=language, matched=matched
            )
    return list(found.values())
