"""Who sees which complaint, and how much of it; who may act."""

from careline.ids import encode, new_id

from .office import Office

ACTIONS = {
    "acknowledgement": {"by": "phone"},
    "cause": {"code": "other"},
    "decision": {"decision": "rejected"},
    "reply": {"text": "x"},
    "customer-word": {"word": "accepted"},
    "closure": None,
    "reopening": {"reason": "x"},
    "customer": {"customer_id": encode("cus", new_id())},
    "handovers": {"to_department": encode("dep", new_id()), "note": "x"},
}


async def test_unknown_and_forbidden_look_the_same(office: Office) -> None:
    complaint = await office.record()
    unknown = {"id": encode("cmp", new_id())}
    for path, body in {"notes": {"text": "x"}, **ACTIONS}.items():
        answers = [
            await office.call("tom", "POST", f"/v1/complaints/{each['id']}/{path}", body)
            for each in (complaint, unknown)
        ]
        assert [answer.status_code for answer in answers] == [404, 404]
        texts = [
            answer.json()["detail"].replace(each["id"], "")
            for answer, each in zip(answers, (complaint, unknown), strict=True)
        ]
        assert texts[0] == texts[1]
    listed = await office.call("tom", "GET", "/v1/complaints", view="all", with_closed=True)
    assert listed.json()["items"] == []


async def test_colleagues_see_it_and_leave_notes_but_only_its_owner_acts(office: Office) -> None:
    complaint = await office.record()
    place = f"/v1/complaints/{complaint['id']}"
    assert (await office.look("bob", complaint))["may_act"] is False
    assert (await office.call("bob", "POST", f"{place}/notes", {"text": "He called me."})).status_code == 200
    for path, body in ACTIONS.items():
        assert (await office.call("bob", "POST", f"{place}/{path}", body)).status_code == 403, path
    for name in ("ann", "head", "sue"):
        assert (await office.look(name, complaint))["may_act"] is True


async def test_who_is_only_asked_does_not_get_the_customers_address(office: Office) -> None:
    complaint = await office.record(contact="li.wei@customer.example")
    await office.offer("ann", complaint, "purchasing")
    seen = await office.look("pia", complaint)
    assert (seen["contact"], seen["contact_masked"]) == ("l…le", True)
    assert (await office.look("bob", complaint))["contact"] == "li.wei@customer.example"
    await office.do("pia", f"/v1/handover-offers/{seen['offers'][0]['id']}/acceptance")
    assert (await office.look("pia", complaint))["contact_masked"] is False


async def test_only_supervisors_reassign(office: Office) -> None:
    complaint = await office.record()
    body = {"owner_id": encode("per", office.people["bob"]), "reason": "Ann is ill."}
    place = f"/v1/complaints/{complaint['id']}/owner"
    assert (await office.call("ann", "POST", place, body)).status_code == 403
    assert (await office.do("sue", place, body))["owner_id"] == body["owner_id"]
    assert (await office.call("sue", "POST", place, body)).status_code == 422


async def test_an_answer_is_final_only_when_a_supervisor_says_so_and_not_at_first(office: Office) -> None:
    complaint = await office.record()
    place = f"/v1/complaints/{complaint['id']}/customer-word"
    final = {"word": "not_accepted", "final": True}
    await office.answer("ann", complaint)
    assert (await office.call("ann", "POST", place, final)).status_code == 403
    assert (await office.call("sue", "POST", place, final)).status_code == 409
    assert (await office.do("ann", place, {"word": "not_accepted"}))["state"] == "reopened"
    await office.answer("ann", complaint)
    assert (await office.do("sue", place, final))["state"] == "answered"
    closed = await office.do("sue", f"/v1/complaints/{complaint['id']}/closure")
    assert (closed["state"], closed["customer_word"]) == ("closed", "not_accepted")


async def test_no_answer_needs_attempts(office: Office) -> None:
    complaint = await office.record()
    await office.answer("ann", complaint)
    place = f"/v1/complaints/{complaint['id']}/customer-word"
    for attempts in (None, 1):
        body = {"word": "no_answer_after_attempts", "attempts": attempts}
        assert (await office.call("ann", "POST", place, body)).status_code == 422
    body = {"word": "no_answer_after_attempts", "attempts": 2}
    assert (await office.do("ann", place, body))["word_attempts"] == 2


async def test_pages_go_on_where_they_ended(office: Office) -> None:
    made = {(await office.record())["id"] for _ in range(5)}
    seen: list[str] = []
    cursor: str | None = None
    while True:
        query = {"limit": 2, **({"cursor": cursor} if cursor else {})}
        page = (await office.call("ann", "GET", "/v1/complaints", **query)).json()
        seen += [each["id"] for each in page["items"]]
        cursor = page["next"]
        if cursor is None:
            break
    assert len(seen) == 5
    assert set(seen) == made
    for nonsense in ("x", "WzEsMl0"):
        assert (await office.call("ann", "GET", "/v1/complaints", cursor=nonsense)).status_code == 422


async def test_the_board_counts(office: Office) -> None:
    for _ in range(3):
        await office.record()
    await office.answer("ann", await office.record())
    board = (await office.call("ann", "GET", "/v1/complaints/board")).json()
    assert board["total"] == {"open": 4, "overdue": 0, "due_today": 3, "waiting_for_word": 1, "escalated": 0}
    office.clock.advance(3 * 86_400)
    await office.settle()
    board = (await office.call("ann", "GET", "/v1/complaints/board")).json()
    assert board["total"]["overdue"] == 3
    assert board["by_department"][0]["key"] == "customer_service"
    assert len(board["oldest"]) == 4
    assert (await office.call("pia", "GET", "/v1/complaints/board")).status_code == 403
