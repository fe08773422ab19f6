"""Who may see an interaction: the one way to read one on behalf of a person. Unknown and forbidden look the same."""

from uuid import UUID

from careline.auth import Principal
from careline.ids import decode
from interaction_router.interactions.lifecycle import unknown
from interaction_router.interactions.rows import AnyConnection, Row, find_row
from interaction_router.interactions.states import OPEN_STATES


async def visible(connection: AnyConnection, interaction_id: UUID, principal: Principal) -> Row:
    """An interaction that the caller may see."""
    row = await find_row(connection, interaction_id)
    if row is None or not _may_see(row, principal):
        raise unknown(interaction_id)
    return row


def viewer_of(principal: Principal) -> UUID | None:
    """The agent behind a token, if it is a person's."""
    try:
        return decode("per", principal.subject)
    except ValueError:
        return None


def _may_see(row: Row, principal: Principal) -> bool:
    """An agent sees what is hers or offered to her, and earlier contacts, which are closed; readers see all."""
    viewer = viewer_of(principal)
    if principal.may("interactions:read"):
        return True
    if viewer is None:
        return False
    if viewer in {row["agent_id"], row["offered_to"]}:
        return True
    return row["state"] not in OPEN_STATES
