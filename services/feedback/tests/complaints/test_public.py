"""Doors for customers and partners: the form, the link, the mail, the interface."""

from typing import Any
from uuid import uuid4

from careline.ids import decode, encode, new_id
from feedback.complaints.links import WordLinks
from feedback.complaints.states import Word
from feedback.complaints.words import word_in
from feedback.settings import Settings

from ..neighbours import Neighbours
from .office import Office

FORM = {"kind": "product", "contact": "li@customer.example", "text": "水壶漏水。"}
PHISHING = {"kind": "product", "text": "x"}


def _link(settings: Settings, complaint: dict[str, Any], round_: int = 0) -> str:
    url = WordLinks(settings.link_key.get_secret_value(), settings.public_url).url(
        decode("cmp", complaint["id"]), round_
    )
    return url.removeprefix(f"{settings.public_url}/api/feedback")


class TestForm:
    async def _post(self, office: Office, body: object, **headers: str) -> Any:
        given = {"Idempotency-Key": str(uuid4()), **headers}
        return await office.client.post("/v1/complaints/web", json=body, headers=given)

    async def test_it_has_an_owner_and_a_number_at_once(self, office: Office) -> None:
        answer = await self._post(office, FORM)
        assert answer.status_code == 201, answer.text
        assert set(answer.json()) == {"number", "received_at", "resolve_by"}
        (listed,) = (await office.call("head", "GET", "/v1/complaints")).json()["items"]
        assert listed["number"] == answer.json()["number"]
        seen = await office.look("head", listed)
        assert (seen["contact"], seen["text"], seen["source"]) == (FORM["contact"], FORM["text"], "web")

    async def test_a_double_click_is_one_complaint(self, office: Office) -> None:
        answers = [await self._post(office, FORM, **{"Idempotency-Key": "k"}) for _ in range(3)]
        assert len({answer.text for answer in answers}) == 1
        assert len(await office.rows("SELECT 1 FROM complaints")) == 1

    async def test_a_customer_whom_the_contact_names_is_linked(self, office: Office, neighbours: Neighbours) -> None:
        customer = encode("cus", new_id())
        neighbours.found = [{"id": customer, "tier": "gold"}]
        await self._post(office, FORM)
        (row,) = await office.rows("SELECT customer_id, tier, resolve_seconds FROM complaints")
        assert (encode("cus", row["customer_id"]), row["tier"]) == (customer, "gold")

    async def test_several_customers_or_a_profile_that_is_away_are_nobody(
        self, office: Office, neighbours: Neighbours
    ) -> None:
        neighbours.found = [{"id": encode("cus", new_id()), "tier": "gold"} for _ in range(2)]
        await self._post(office, FORM)
        neighbours.away = True
        assert (await self._post(office, FORM)).status_code == 201
        rows = await office.rows("SELECT customer_id FROM complaints")
        assert [row["customer_id"] for row in rows] == [None, None]

    async def test_a_flood_is_refused(self, office: Office) -> None:
        answers = [await self._post(office, FORM) for _ in range(12)]
        assert answers[-1].status_code == 429
        assert int(answers[-1].headers["Retry-After"]) >= 1

    async def test_bad_input(self, office: Office) -> None:
        bad: list[object] = [PHISHING, {**FORM, "owner_id": "x"}, {**FORM, "text": "a\x00"}, {**FORM, "text": " "}, []]
        for body in bad:
            assert (await self._post(office, body)).status_code == 422

    async def test_foreign_pages_only_when_named(self, office: Office, settings: Settings) -> None:
        for origin, allowed in ((settings.public_url, True), ("https://evil.example", False)):
            answer = await office.client.options(
                "/v1/complaints/web", headers={"Origin": origin, "Access-Control-Request-Method": "POST"}
            )
            assert (answer.headers.get("access-control-allow-origin") == origin) is allowed
        answer = await office.client.get("/v1/complaints", headers={"Origin": settings.public_url})
        assert "access-control-allow-origin" not in answer.headers


class TestPartner:
    async def test_repeating_changes_nothing(self, office: Office) -> None:
        headers = {
            **office.issuer.headers("cli_shop", scopes=["complaints:write"], kind="client"),
            "Idempotency-Key": "order 7",
        }
        body = {"kind": "delivery", "contact": "+8613800000000", "text": "Box is open.", "reference": "R-7"}
        answers = [await office.client.post("/v1/complaints/partner", json=body, headers=headers) for _ in range(3)]
        assert {answer.status_code for answer in answers} == {201}
        assert len(await office.rows("SELECT 1 FROM complaints WHERE recorded_by = 'cli_shop'")) == 1
        other = await office.client.post("/v1/complaints/partner", json={**body, "text": "Other"}, headers=headers)
        assert other.status_code == 422


class TestLink:
    async def test_looking_changes_nothing_and_solved_closes(self, office: Office, settings: Settings) -> None:
        complaint = await office.record()
        await office.answer("ann", complaint)
        link = _link(settings, complaint)
        for language, word in (("zh-CN", "已解决"), ("en", "Solved")):
            page = await office.client.get(link, params={"lang": language})
            assert page.status_code == 200
            assert word in page.text
            assert "script" not in page.text
            assert "default-src 'none'" in page.headers["content-security-policy"]
        assert (await office.look("ann", complaint))["state"] == "answered"
        done = await office.client.post(link, data={"solved": "yes", "comment": "Thanks"})
        assert done.status_code == 200
        seen = await office.look("ann", complaint)
        assert (seen["state"], seen["customer_word"]) == ("closed", "accepted")
        assert seen["history"][-2]["text"] == "Thanks"

    async def test_not_solved_opens_it_again_even_when_it_was_closed(self, office: Office, settings: Settings) -> None:
        complaint = await office.record()
        await office.answer("ann", complaint)
        place = f"/v1/complaints/{complaint['id']}"
        await office.do("ann", f"{place}/customer-word", {"word": "no_answer_after_attempts", "attempts": 3})
        await office.do("ann", f"{place}/closure")
        link = _link(settings, complaint)
        for _ in range(2):
            await office.client.post(link, data={"solved": "no"})
        seen = await office.look("ann", complaint)
        assert (seen["state"], seen["reopened_count"]) == ("reopened", 1)

    async def test_a_link_is_for_one_answer(self, office: Office, settings: Settings) -> None:
        complaint = await office.record()
        await office.answer("ann", complaint)
        await office.client.post(_link(settings, complaint), data={"solved": "no"})
        await office.answer("ann", complaint)
        old = await office.client.post(_link(settings, complaint), data={"solved": "yes"})
        assert old.status_code == 200
        assert (await office.look("ann", complaint))["state"] == "answered"
        await office.client.post(_link(settings, complaint, 1), data={"solved": "yes"})
        assert (await office.look("ann", complaint))["state"] == "closed"

    async def test_forged_and_broken(self, office: Office, settings: Settings) -> None:
        complaint = await office.record()
        await office.answer("ann", complaint)
        forged = WordLinks("another key, another key, another key", settings.public_url)
        tokens = [forged.token(decode("cmp", complaint["id"]), 0), "nonsense", "A" * 46, "%20", "é"]
        for token in tokens:
            assert (await office.client.get(f"/v1/complaint-words/{token}")).status_code == 404
            answer = await office.client.post(f"/v1/complaint-words/{token}", data={"solved": "yes"})
            assert answer.status_code == 404
        for body in (b"", b"solved=maybe", b"\xff\xfe", b"a=b&" * 50, b"solved=yes&comment=" + b"x" * 50_000):
            assert (await office.client.post(_link(settings, complaint), content=body)).status_code == 400
        assert (await office.look("ann", complaint))["state"] == "answered"


class TestWordInMail:
    def test_what_is_a_word_and_what_a_person_reads(self) -> None:
        words = {
            "Yes, thanks!\n\n> Is it solved?": Word.ACCEPTED,
            "已解决。": Word.ACCEPTED,
            "\n> quoted\nNot solved": Word.NOT_ACCEPTED,
            "不满意！": Word.NOT_ACCEPTED,
            "No": Word.NOT_ACCEPTED,
            "Not sure that it is solved": None,
            "It is solved but now the lid is broken": None,
            "yes and no": None,
            "> solved": None,
            "": None,
        }
        assert {text: word_in(text) for text in words} == words
