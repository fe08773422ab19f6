"""People who work here, with passwords of the vault, and a partner's program."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Final

from careline_local.demo.api import Caller, ClientCaller, Json
from careline_local.demo.departments import AFTER_SALES, PURCHASING, SERVICE
from careline_local.system.vault import Vault, write_private

PARTNER: Final = "Demo shop"
PARTNER_FILE: Final = "demo-partner.json"
_PARTNER_SCOPES: Final = ["imports:write", "interactions:read", "interactions:write", "purchases:write"]
_PEOPLE: Final = "/api/directory/v1/people"
_CLIENTS: Final = "/api/directory/v1/clients"


@dataclass(frozen=True)
class Colleague:
    """Somebody who works here."""

    login: str
    name: str
    role: str
    locale: str
    department: str | None = None
    skills: tuple[str, ...] = ()


COLLEAGUES: Final = (
    Colleague("chenjing", "陈静", "agent", "zh-CN", SERVICE, ("mail", "chat", "partner", "phone_care", "language:zh")),
    Colleague("anna", "Anna Berg", "agent", "en", SERVICE, ("mail", "chat", "billing", "phone_care", "language:en")),
    Colleague("liwei", "李伟", "agent", "zh-CN", SERVICE, ("chat", "billing", "partner", "language:zh", "language:en")),
    Colleague("wangfang", "王芳", "supervisor", "zh-CN", SERVICE),
    Colleague("morgan", "Sam Morgan", "admin", "en"),
    Colleague("sunli", "孙莉", "care_manager", "zh-CN", SERVICE),
    Colleague("zhaolei", "赵磊", "department_head", "zh-CN", PURCHASING),
    Colleague("qianyi", "钱怡", "colleague", "zh-CN", PURCHASING),
    Colleague("gaoyuan", "高远", "department_head", "zh-CN", AFTER_SALES),
    Colleague("hejing", "何晶", "colleague", "zh-CN", AFTER_SALES),
)


def ensure_colleagues(
    admin: Caller, vault: Vault, departments: Mapping[str, str] = MappingProxyType({})
) -> list[tuple[Colleague, Json]]:
    """Register who is missing; all colleagues with the person that the directory has for each.

    `departments` are the ids by key; whoever has no department yet is put into theirs.
    """
    known = {person["login"]: person for person in admin.items(_PEOPLE, limit=100)}
    found = []
    for each in COLLEAGUES:
        department = departments.get(each.department or "")
        person = known.get(each.login) or _register(admin, each, vault, department)
        if department and person["department_id"] is None and person["active"]:
            person = admin.send("PATCH", f"{_PEOPLE}/{person['id']}", json={"department_id": department})
        found.append((each, person))
    return found


def _register(admin: Caller, colleague: Colleague, vault: Vault, department: str | None) -> Json:
    return admin.post(
        _PEOPLE,
        {
            "login": colleague.login,
            "name": colleague.name,
            "roles": [colleague.role],
            "locale": colleague.locale,
            "department_id": department,
            "password": vault.password(f"person {colleague.login}"),
        },
    )


def ensure_partner(admin: Caller, origin: str, secrets: Path) -> ClientCaller:
    """The partner's program. Its secret is told once only, so a program whose secret was lost is replaced."""
    path = secrets / PARTNER_FILE
    if path.exists():
        caller = _caller(origin, json.loads(path.read_text()))
        if caller.is_accepted():
            return caller
        caller.close()
    for lost in [each for each in admin.items(_CLIENTS, limit=100) if each["name"] == PARTNER]:
        admin.send("DELETE", f"{_CLIENTS}/{lost['id']}")
    client = admin.post(_CLIENTS, {"name": PARTNER, "scopes": _PARTNER_SCOPES})
    kept = {"client_id": client["id"], "client_secret": client["secret"]}
    write_private(path, json.dumps(kept, indent=1))
    return _caller(origin, kept)


def _caller(origin: str, kept: Mapping[str, str]) -> ClientCaller:
    return ClientCaller(origin, kept["client_id"], kept["client_secret"])
