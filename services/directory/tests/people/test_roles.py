"""Roles and their scopes, as the contract lists them."""

from directory.people.roles import ROLE_SCOPES, Role, scopes_of


class TestTable:
    def test_every_role_is_in_it(self) -> None:
        assert set(ROLE_SCOPES) == set(Role)

    def test_only_admins_change_people_and_clients(self) -> None:
        for scope in ("people:write", "clients:write"):
            assert [role for role, scopes in ROLE_SCOPES.items() if scope in scopes] == [Role.ADMIN]

    def test_auditors_only_read(self) -> None:
        assert all(scope.endswith(":read") for scope in ROLE_SCOPES[Role.AUDITOR])


class TestScopesOf:
    def test_roles_add_up(self) -> None:
        assert scopes_of(["agent", "auditor"]) == ROLE_SCOPES[Role.AGENT] | ROLE_SCOPES[Role.AUDITOR]

    def test_a_role_that_is_no_more_gives_nothing(self) -> None:
        assert scopes_of(["emperor"]) == frozenset()
