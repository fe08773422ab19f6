"""Roles and what each may do: the one table from which every token's scopes are read."""

from collections.abc import Iterable
from enum import StrEnum
from typing import Final


class Role(StrEnum):
    """A part that a person plays here."""

    AGENT = "agent"
    SUPERVISOR = "supervisor"
    ADMIN = "admin"
    AUDITOR = "auditor"


_AGENT: Final = frozenset({"desk:use", "profile:read", "profile:write", "people:read"})

ROLE_SCOPES: Final[dict[Role, frozenset[str]]] = {
    Role.AGENT: _AGENT,
    Role.SUPERVISOR: _AGENT | {"supervision:read", "interactions:read", "routing:write"},
    Role.ADMIN: frozenset(
        {
            "people:read",
            "people:write",
            "clients:write",
            "routing:write",
            "imports:write",
            "profile:read",
            "profile:write",
            "supervision:read",
            "interactions:read",
        }
    ),
    Role.AUDITOR: frozenset({"profile:read", "interactions:read", "supervision:read", "people:read"}),
}


def scopes_of(roles: Iterable[str]) -> frozenset[str]:
    """Everything that a person with these roles may do; a role that is no more gives nothing."""
    known = [Role(role) for role in roles if role in ROLE_SCOPES]
    return frozenset().union(*(ROLE_SCOPES[role] for role in known))
