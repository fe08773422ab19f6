"""Every route that names something x every role: what exists and is somebody else's looks like what does not exist.

Generated from the applications: a new route, a new scope and a new role are in it from their first day.
"""

import re
from collections.abc import Callable, Sequence
from typing import Any, Final
from uuid import UUID

import asyncpg
import httpx
import pytest

from careline.ids import encode, new_id
from careline_local.system.services import SERVICES, Description
from careline_local.testing.databases import ServiceDatabase

from .rights import BODIES, CALLERS, Route, Serving, only
from .test_foreign_ids import _work_of_another

# What is done under these scopes is done to one's own things, unless one holds a scope to look at everybody's.
OWNED: Final = {
    "desk:use": {"interactions:read", "supervision:read"},
    "complaints:work": {"complaints:manage"},
    "imports:write": set[str](),
}
# What is done under these is done for the company: whoever holds one may have any thing of its kind.
SHARED: Final = {
    *("profile:read", "profile:write", "people:read", "people:write", "clients:write"),
    *("care:read", "care:write", "care:contents", "surveys:read", "surveys:write", "routing:write"),
    *("supervision:read", "interactions:close", "complaints:manage", "messages:read", "calendars:write"),
}
# Any agent may fill in any template and any survey: which customer she speaks with is the router's to know.
FOR_EVERY_AGENT: Final = ("/v1/templates/", "/v1/invitations/")


@pytest.mark.parametrize("description", SERVICES, ids=lambda description: description.name)
async def test_a_scope_says_whose_things_it_is_about(served: Serving) -> None:
    asked = {route.scope for route in served.guarded() if route.names_something}

    assert asked <= OWNED.keys() | SHARED


@only("feedback")
async def test_complaints_and_offers_of_others(
    served: Serving, description: Description, service_database: Callable[[str], ServiceDatabase]
) -> None:
    departments, heads = await _departments(service_database(description.package).url)
    theirs = await _complaint_of_another(served, departments)

    # A stranger, and the head of a department to which nobody has offered anything.
    assert await _different(served, theirs, people=[None, heads[-1]]) == {}


@only("interaction-router")
async def test_offers_and_work_of_others(served: Serving) -> None:
    offer_id, interaction_id = await _work_of_another(served)

    assert await _different(served, {"offer_id": offer_id, "interaction_id": interaction_id}) == {}


@only("customer-profile")
async def test_imports_of_another_program(served: Serving) -> None:
    owner = served.issuer.headers(encode("cli", new_id()), scopes=["imports:write"], kind="client")
    files = {"file": ("customers.csv", b"name,email\nLi,li@imported.example\n", "text/csv")}
    begun = await served.client.post("/v1/imports", files=files, data={"kind": "customers"}, headers=owner)
    assert begun.status_code == 202, begun.text

    assert await _different(served, {"import_id": begun.json()["id"]}, kind="client") == {}


async def _different(
    served: Serving, theirs: dict[str, str], *, kind: str = "person", people: Sequence[UUID | None] = (None,)
) -> dict[tuple[str, str], tuple[Any, Any]]:
    """Where a role gets another answer for what is somebody else's than for what is not there."""
    wrong: dict[tuple[str, str], tuple[Any, Any]] = {}
    asked = 0
    for role, scopes in CALLERS.items():
        for route in served.guarded():
            if not _is_owned(route, theirs) or route.scope not in scopes or scopes & OWNED[route.scope]:
                continue
            for person in people:
                subject = encode("per" if kind == "person" else "cli", person or new_id())
                headers = served.issuer.headers(subject, scopes=sorted(scopes), kind=kind)
                body = BODIES.get(str(route))
                answers = [await served.call(route, headers, body=body, **ids) for ids in (theirs, {})]
                seen, unseen = (_told(answer) for answer in answers)
                asked += 1
                if seen != unseen or seen[0] != 404:
                    wrong[role, str(route)] = (seen, unseen)
    assert asked > 0, "nobody was asked"
    return wrong


def _is_owned(route: Route, theirs: dict[str, str]) -> bool:
    names = re.findall(r"{(\w+)}", route.path)
    return route.scope in OWNED and any(name in theirs for name in names) and not route.path.startswith(FOR_EVERY_AGENT)


def _told(answer: httpx.Response) -> tuple[int, str]:
    """What an answer tells: all but the id that was asked for and the trace."""
    document = {name: text for name, text in answer.json().items() if name not in {"trace_id", "instance", "id"}}
    return answer.status_code, re.sub(r"[a-z]{3}_[0-9a-z]{20,}", "…", str(sorted(document.items())))


async def _complaint_of_another(served: Serving, departments: list[UUID]) -> dict[str, str]:
    """A complaint that a supervisor has recorded, and that is offered to another department."""
    boss = served.bearer("complaints:work", "complaints:manage")
    complaint = {"kind": "product", "customer_id": encode("cus", new_id()), "text": "It leaks."}
    recorded = await served.client.post("/v1/complaints", json=complaint, headers=boss | {"Idempotency-Key": "1"})
    assert recorded.status_code == 201, recorded.text
    path = f"/v1/complaints/{recorded.json()['id']}"
    kept_in = recorded.json()["department_id"]
    to = next(each for each in departments[:-1] if encode("dep", each) != kept_in)
    offer = {"to_department": encode("dep", to), "note": "Please look."}
    offered = await served.client.post(f"{path}/handovers", json=offer, headers=boss)
    assert offered.is_success, offered.text
    return {"complaint_id": recorded.json()["id"], "handover_id": offered.json()["offers"][-1]["id"]}


async def _departments(database: str) -> tuple[list[UUID], list[UUID]]:
    """Three departments with their heads and a calendar, as the directory would tell of them."""
    departments, heads = [new_id() for _ in range(3)], [new_id() for _ in range(3)]
    connection = await asyncpg.connect(database)
    try:
        keys = zip(("customer_service", "purchasing", "technics"), departments, heads, strict=True)
        for key, department, head in keys:
            await connection.execute("INSERT INTO departments VALUES ($1, $2, NULL, 1)", department, key)
            await connection.execute(
                "INSERT INTO people (id, roles, department_id) VALUES ($1, '{department_head}', $2)", head, department
            )
            await connection.execute("UPDATE departments SET head_id = $2 WHERE id = $1", department, head)
    finally:
        await connection.close()
    return departments, heads
