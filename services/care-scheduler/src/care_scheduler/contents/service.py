"""Gives out what is to be sent, after judging it once more: a consent may be withdrawn since it was due."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal, cast
from uuid import UUID

import httpx

from care_scheduler.contents import repository
from care_scheduler.contents.repository import Contact
from care_scheduler.contents.schemas import Content, PostalAddress, Recipient
from care_scheduler.gates import repository as gates
from care_scheduler.gates.cap import broken_by, longest
from care_scheduler.gates.judge import EXEMPT_PURPOSE, judge
from care_scheduler.gates.model import CHANNEL_OF, Cap, Cell, Facts, History, Judgement, Means, Verdict
from care_scheduler.gates.profile import Profile
from care_scheduler.items.repository import item_of
from care_scheduler.settings import Settings
from care_scheduler.unsubscribes.tokens import Refusal, sign
from careline.database import Database
from careline.ids import encode
from careline.problems import Unavailable

# Given out, and without a final outcome: a notice whose answer was lost is asked for once more.
OPEN_STATES: Final = frozenset({"due", "unknown"})
# Purposes that a customer can end by one click.
UNASKED: Final = frozenset({"marketing", "survey"})
_FOOTERS: Final = {
    "zh": "\n\n——\n不想再收到这类邮件？一键退订：{url}",
    "en": "\n\n--\nYou do not want such mails? One click ends them: {url}",
}


@dataclass(frozen=True)
class Contents:
    """What can be asked for contents."""

    database: Database
    profile: Profile
    settings: Settings

    async def of(self, care_ids: Sequence[UUID], now: datetime) -> list[Content]:
        """The content of each care, or the gate that says no by now; Unavailable without the profile."""
        async with self.database.read_raw() as connection:
            rows = await repository.given(connection, care_ids)
        customer_ids = sorted({row["customer_id"] for row in rows.values()})
        try:
            facts = await self.profile.facts(customer_ids)
        except httpx.HTTPError:
            raise Unavailable("The profile cannot be asked for addresses and consents. Ask again.") from None
        # Read after the facts: whatever was said no to meanwhile counts.
        async with self.database.read_raw() as connection:
            caps = await gates.caps(connection)
            histories = await gates.histories(connection, customer_ids, contacts_after=now)
            contacts = await repository.contacts(connection, customer_ids, now - longest(caps))
        asked = _Asked(facts, histories, contacts, caps, now)
        found = (self._content(rows[care_id], asked) for care_id in care_ids if care_id in rows)
        return [content for content in found if content is not None]

    def _content(self, row: Mapping[str, Any], asked: "_Asked") -> Content | None:
        if row["state"] not in OPEN_STATES:
            return self._cancelled(row, "state")
        customer_id = row["customer_id"]
        known = asked.facts.get(customer_id)
        judgement = again(row, known, asked.histories[customer_id], asked.now)
        deciding = capped_again(row, judgement, asked.contacts.get(customer_id, ()), asked.caps, asked.now).deciding
        if deciding is not None:
            return None if deciding.says == "hold" else self._cancelled(row, deciding.gate)
        if known is None or row["text"] is None:
            return self._cancelled(row, "content")
        url = self._unsubscribe_url(row)
        means = cast("Means", row["means"])
        address = known.postal_address
        return Content(
            **self._named(row, "send", None),
            to=Recipient(name=known.name, address={"mail": known.mail, "phone_task": known.phone}.get(means) or ""),
            postal_address=PostalAddress(
                lines=address["lines"], postcode=address["postcode"], country=address["country"]
            )
            if means == "card" and address
            else None,
            subject=row["subject"],
            text=row["text"] + _footer(row["language"], url),
            script=row["script"],
            unsubscribe_url=url,
        )

    def _cancelled(self, row: Mapping[str, Any], gate: str) -> Content:
        return Content(
            **self._named(row, "cancelled", gate),
            to=None,
            postal_address=None,
            subject=None,
            text=None,
            script=None,
            unsubscribe_url=None,
        )

    def _named(self, row: Mapping[str, Any], verdict: Literal["send", "cancelled"], gate: str | None) -> dict[str, Any]:
        fields = ("not_after", "customer_id", "purpose", "means", "occasion", "reference")
        return {name: row[name] for name in fields} | {
            "care_id": row["id"],
            "verdict": verdict,
            "gate": gate,
            "language": row["language"] or "en",
            "message_id": f"<{encode('car', row['id'])}@{self.settings.message_domain}>",
        }

    def _unsubscribe_url(self, row: Mapping[str, Any]) -> str | None:
        if row["means"] != "mail" or row["purpose"] not in UNASKED:
            return None
        refusal = Refusal(row["customer_id"], row["id"], row["purpose"], CHANNEL_OF["mail"])
        token = sign(refusal, self.settings.unsubscribe_key.get_secret_value())
        return f"{self.settings.public_url}/api/care/v1/unsubscribe/{token}"


@dataclass(frozen=True)
class _Asked:
    """What is known at the moment of sending."""

    facts: Mapping[UUID, Facts]
    histories: Mapping[UUID, History]
    contacts: Mapping[UUID, Sequence[Contact]]
    caps: Sequence[Cap]
    now: datetime


def again(row: Mapping[str, Any], facts: Facts | None, history: History, now: datetime) -> Judgement:
    """The judgement at the moment of sending, by the means that were chosen when it was due. Pure."""
    tier, _, occasion_version = str(row["cell"]).partition("/")
    version = int(occasion_version.rpartition("@v")[2])
    cell = Cell(tier, row["occasion"], version, row["means"], None, 0)
    judgement = judge(item_of(row), facts, cell, history, now)
    if judgement.means is not None and judgement.means != row["means"]:
        changed = tuple(
            each if each.gate != "channel" else type(each)("channel", "no", "chosen_otherwise", each.facts)
            for each in judgement.verdicts
        )
        return Judgement(changed, judgement.means, judgement.until)
    return judgement


def capped_again(
    row: Mapping[str, Any], judgement: Judgement, contacts: Sequence[Contact], caps: Sequence[Cap], now: datetime
) -> Judgement:
    """The cap at the moment of sending: care that lay waiting must not come on top of what went meanwhile. Pure.

    Of several that lie waiting for one customer the older ones are taken to go now, so that askers who do not know
    of one another agree on who may.
    """
    if row["purpose"] == EXEMPT_PURPOSE:
        return judgement
    others = [
        now if each.pending else each.at
        for each in contacts
        if each.care_id != row["id"] and (not each.pending or each.care_id < row["id"])
    ]
    cap = broken_by(now, others, caps)
    return judgement if cap is None else judgement.then(Verdict("cap", "no", "cap_reached", {"cap": cap.name}))


def _footer(language: str, url: str | None) -> str:
    if url is None:
        return ""
    return _FOOTERS.get(language.partition("-")[0].lower(), _FOOTERS["en"]).format(url=url)
