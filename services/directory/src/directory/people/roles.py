"""Roles and what each may do: the one table from which every token's scopes are read."""

from collections.abc import Iterable
from enum import StrEnum
from typing import Final


class Role(StrEnum):
    """A part that a person plays here."""

    AGENT = "agent"
    SUPERVISOR = "supervisor"
    CARE_MANAGER = "care_manager"
    COLLEAGUE = "colleague"
    DEPARTMENT_HEAD = "department_head"
    ADMIN = "admin"
    AUDITOR = "auditor"


# Works on complaints that are given to her department, without a desk.
_COLLEAGUE: Final = frozenset({"complaints:work", "people:read"})
_AGENT: Final = _COLLEAGUE | {"desk:use", "profile:read", "profile:write", "board:read"}

ROLE_SCOPES: Final[dict[Role, frozenset[str]]] = {
    Role.AGENT: _AGENT,
    Role.SUPERVISOR: _AGENT
    | {"supervision:read", "interactions:read", "interactions:close", "routing:write"}
    | {"care:read", "surveys:read", "complaints:manage"},
    Role.CARE_MANAGER: _COLLEAGUE
    | {"profile:read", "board:read", "care:read", "care:write", "surveys:read", "surveys:write"},
    Role.COLLEAGUE: _COLLEAGUE,
    Role.DEPARTMENT_HEAD: _COLLEAGUE | {"board:read", "surveys:read"},
    Role.ADMIN: frozenset(
        {
            "people:read",
            "people:write",
            "clients:write",
            "calendars:write",
            "time:advance",
            "routing:write",
            "imports:write",
            "profile:read",
            "profile:write",
            "supervision:read",
            "interactions:read",
            "board:read",
            "care:read",
            "care:write",
            "surveys:read",
            "surveys:write",
            "complaints:manage",
        }
    ),
    Role.AUDITOR: frozenset(
        {
            "profile:read",
            "interactions:read",
            "supervision:read",
            "people:read",
            "board:read",
            "care:read",
            "surveys:read",
        }
    ),
}


def scopes_of(roles: Iterable[str]) -> frozenset[str]:
    """Everything that a person with these roles may do; a role that is no more gives nothing."""
    known = [Role(role) for role in roles if role in ROLE_SCOPES]
    return frozenset().union(*(ROLE_SCOPES[role] for role in known))
