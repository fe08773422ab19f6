"""Which interaction a mail belongs to, told from the Message-IDs that we gave our own mails."""

import re
from uuid import UUID

from careline.ids import decode, encode

OWN_ID = re.compile(r"<(msg_[0-9a-z]{26})\.(int_[0-9a-z]{26})@([^<>@\s]+)>")


def own_message_id(message_id: UUID, interaction_id: UUID, own_address: str) -> str:
    """A Message-ID that stays the same however often the mail is sent."""
    domain = own_address.rpartition("@")[2]
    return f"<{encode('msg', message_id)}.{encode('int', interaction_id)}@{domain}>"


def referenced_interaction(references: tuple[str, ...], own_address: str) -> UUID | None:
    """The interaction of the nearest of our mails that this one answers."""
    domain = own_address.rpartition("@")[2].lower()
    for reference in references:
        found = OWN_ID.fullmatch(reference)
        if found and found[3].lower() == domain:
            try:
                return decode("int", found[2])
            except ValueError:
                continue
    return None
