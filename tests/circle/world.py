"""What the tests of the circle do: move time, register customers who may be written to, work as demo people."""

import asyncio
import re
from datetime import date, datetime, timedelta
from email.message import EmailMessage
from typing import Any
from uuid import uuid4

from careline_local.demo.api import Json, PersonCaller
from tests.e2e.mail_line import MailLine
from tests.e2e.stack import DIRECTORY, PROFILE, ROUTER, Colleague, Stack
from tests.e2e.waiting import eventually

CARE = "/api/care/v1"
FEEDBACK = "/api/feedback/v1"
BUSINESS_TIME = f"{DIRECTORY}/business-time"
SURVEY_LINK = re.compile(r"/survey/#([\w.~-]+)")
# Customer, occasion and occasion year.
Greeting = tuple[str, str, str]
DAY = timedelta(days=1)
LONGEST_LEAP = 390 * DAY


class World:
    """The running system."""

    def __init__(self, stack: Stack, mail_line: MailLine, given: set[Greeting]) -> None:
        """Take the stack; people sign in when they are first asked for. `given` outlives the test."""
        self.stack = stack
        self.mail_line = mail_line
        self.given = given
        self._people: dict[str, PersonCaller] = {}

    def close(self) -> None:
        """Sign everybody out."""
        for person in self._people.values():
            person.close()
        self._people.clear()

    def person(self, login: str) -> PersonCaller:
        """A demo person at work."""
        if login not in self._people:
            password = self.stack.system.vault.password(f"person {login}")
            self._people[login] = PersonCaller(self.stack.origin, login, password)
        return self._people[login]

    def owner(self, complaint: Json) -> PersonCaller:
        """Whoever owns a complaint."""
        people = {each["id"]: each["login"] for each in self.stack.admin.items(f"{DIRECTORY}/people", limit=100)}
        return self.person(people[complaint["owner_id"]])

    def now(self) -> datetime:
        """Business time."""
        return datetime.fromisoformat(self.stack.admin.get(BUSINESS_TIME)["now"])

    def advance(self, by: timedelta) -> None:
        """Move business time for the whole system."""
        self.stack.admin.post(f"{BUSINESS_TIME}/advance", {"seconds": round(by.total_seconds())})

    def advance_to(self, day: date, hour: int, minute: int = 0) -> None:
        """Move to a time of a day in China, which must not be past."""
        to = datetime.fromisoformat(f"{day.isoformat()}T{hour:02}:{minute:02}:00+08:00")
        # A leap is at most 400 days long.
        while to - self.now() > LONGEST_LEAP:
            self.advance(LONGEST_LEAP)
        if to > self.now():
            self.stack.admin.post(f"{BUSINESS_TIME}/advance", {"to": to.isoformat()})

    def customer(self, *, tier: str = "regular", language: str = "zh-CN", **fields: Any) -> Json:
        """A customer with a verified mailbox who wants to hear from us; the address is under `address`."""
        address = f"{uuid4().hex[:10]}@circle.example"
        body = {"name": "林小雨", "language": language, "tier": tier, **fields}
        body["identifiers"] = [{"type": "email", "value": address, "verified": True}, *fields.get("identifiers", [])]
        customer = self.stack.admin.post(f"{PROFILE}/customers", body, key=uuid4().hex)
        for purpose in ("marketing", "survey"):
            for channel in ("mail", "phone", "letter"):
                self.consent(customer["id"], purpose, channel, "granted")
        return customer | {"address": address}

    async def stack_settles(self) -> None:
        """Give every service the moment in which it hears of a new time."""
        await asyncio.sleep(1.5)

    def change(self, customer_id: str, **fields: Any) -> Json:
        """Change what is recorded about a customer, on top of the newest version."""
        path = f"{PROFILE}/customers/{customer_id}"
        version = self.stack.admin.request("GET", path).headers["etag"]
        return self.stack.admin.send("PATCH", path, json=fields, headers={"If-Match": version})

    def consent(self, customer_id: str, purpose: str, channel: str, state: str) -> None:
        """Write down what the customer said."""
        body = {"purpose": purpose, "channel": channel, "state": state, "source": "test"}
        self.stack.admin.post(f"{PROFILE}/customers/{customer_id}/consents", body)

    def prefer(self, customer_id: str, **wishes: Any) -> None:
        """Write down how and when the customer wants to be reached."""
        unknown = {"channel": None, "time_zone": None, "quiet_from": None, "quiet_to": None}
        self.stack.admin.put(f"{PROFILE}/customers/{customer_id}/preferences", unknown | wishes)

    def care_items(self, customer_id: str, occasion: str | None = None) -> list[Json]:
        """What care has planned for and done to a customer."""
        items = self.stack.admin.get(f"{CARE}/care-items", customer_id=customer_id)["items"]
        return [item for item in items if occasion in {None, item["occasion"]}]

    async def care_item(self, customer_id: str, occasion: str, state: str, *, seconds: float = 20) -> Json:
        """The one item of an occasion once it is in a state; two of them are an error."""

        def look() -> Json | None:
            found = self.care_items(customer_id, occasion)
            assert len(found) <= 1, found
            return found[0] if found and found[0]["state"] == state else None

        try:
            return await eventually(look, seconds=seconds, what=f"{occasion} in state {state}")
        except AssertionError as fault:
            raise AssertionError(f"{fault}; there is {self.care_items(customer_id)}") from None

    async def greeted(self, customer_id: str, occasion: str, key: str | None = None) -> Json:
        """The one item of an occasion once it was given; the last test looks for it on Kafka."""
        item = await self.care_item(customer_id, occasion, "sent")
        assert key in {None, item["occasion_key"]}
        self.given.add((customer_id, occasion, item["occasion_key"]))
        return item

    def why(self, item: Json) -> dict[str, Json]:
        """What each gate said the last time, as a care manager reads it."""
        judgements = self.stack.admin.get(f"{CARE}/care-items/{item['id']}")["judgements"]
        return {each["gate"]: each for each in judgements[-1]["gates"]}

    async def mail(self, address: str, wanted: str, *, seconds: float = 20) -> EmailMessage:
        """The newest mail of an address whose text holds a pattern."""

        def look() -> EmailMessage | None:
            return next((mail for mail in reversed(self.mails(address)) if re.search(wanted, text_of(mail))), None)

        try:
            return await eventually(look, seconds=seconds, what=f"a mail with {wanted}", interval_seconds=0.3)
        except AssertionError as fault:
            raise AssertionError(f"{fault}; there is {[text_of(mail) for mail in self.mails(address)]}") from None

    def mails(self, address: str) -> list[EmailMessage]:
        """All that lies in a mailbox."""
        return self.stack.post.received(address)

    async def served(self, agent: Colleague, queue: str, address: str) -> str:
        """A matter of a customer that an agent takes and closes; the interaction's id."""
        matter = self.stack.open_matter(queue, email=address)
        (offer,) = await eventually(agent.offers, seconds=10, what="an offer")
        interaction_id = agent.accept(offer)
        assert interaction_id == matter["id"]
        agent.close(interaction_id)
        return interaction_id

    def contact(self, interaction_id: str) -> Json:
        """An interaction as a supervisor sees it."""
        return self.person("wangfang").get(f"{ROUTER}/interactions/{interaction_id}")


def text_of(mail: EmailMessage) -> str:
    """What a person reads."""
    body = mail.get_body(("plain",))
    return str(body.get_content()) if body is not None else ""
