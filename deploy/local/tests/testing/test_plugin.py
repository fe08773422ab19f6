"""The plugin keeps tests on this machine and their databases apart and clean."""

import asyncio
import os
import socket
import subprocess
import sys
from pathlib import Path

import asyncpg
import pytest

from careline_local.parts.processes import ServerProcess
from careline_local.testing import databases, servers
from careline_local.testing.databases import ServiceDatabase, database_url
from careline_local.testing.network import ForeignAddressError


class TestNetworkGuard:
    def test_refuses_a_foreign_address(self) -> None:
        with socket.socket() as outside, pytest.raises(ForeignAddressError, match=r"192\.0\.2\.1"):
            outside.connect(("192.0.2.1", 80))

    def test_refuses_to_look_up_a_foreign_name(self) -> None:
        with pytest.raises(ForeignAddressError, match=r"careline\.example"):
            socket.getaddrinfo("careline.example", 80)

    async def test_refuses_within_an_event_loop(self) -> None:
        with pytest.raises(ForeignAddressError):
            await asyncio.open_connection("192.0.2.1", 80)

    def test_lets_loopback_pass(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as server:
            socket.create_connection(("localhost", server.getsockname()[1])).close()


class TestServiceDatabase:
    @pytest.fixture
    def database(self, postgres_server: str, monkeypatch: pytest.MonkeyPatch) -> ServiceDatabase:
        def migrate(package: str, url: str) -> None:
            databases.run(
                databases.execute(
                    url,
                    "CREATE TABLE parent (id bigserial PRIMARY KEY)",
                    "CREATE TABLE child (parent bigint REFERENCES parent)",
                    "CREATE TABLE alembic_version AS SELECT '1' AS version_num",
                    "CREATE TABLE split (day date) PARTITION BY RANGE (day)",
                    "CREATE TABLE split_all PARTITION OF split DEFAULT",
                )
            )

        monkeypatch.setattr(databases, "migrate", migrate)
        return databases.clone(postgres_server, "of_a_test")

    async def test_is_empty_after_empty_but_stays_migrated(self, database: ServiceDatabase) -> None:
        connection = await asyncpg.connect(database.url)
        await connection.execute("INSERT INTO parent DEFAULT VALUES; INSERT INTO child VALUES (1)")
        await connection.execute("INSERT INTO split VALUES ('2026-01-01')")
        database.empty()
        assert await connection.fetchval("SELECT count(*) FROM parent, child, split") == 0
        assert await connection.fetchval("SELECT nextval('parent_id_seq')") == 1
        assert await connection.fetchval("SELECT version_num FROM alembic_version") == "1"
        await connection.close()

    async def test_is_cloned_anew_from_its_template(self, database: ServiceDatabase, postgres_server: str) -> None:
        connection = await asyncpg.connect(database.url)
        await connection.execute("INSERT INTO parent DEFAULT VALUES")
        await connection.close()
        again = databases.clone(postgres_server, "of_a_test")
        assert again == database
        connection = await asyncpg.connect(again.url)
        assert await connection.fetchval("SELECT count(*) FROM parent") == 0
        await connection.close()

    async def test_template_lets_nobody_in(self, database: ServiceDatabase, postgres_server: str) -> None:
        with pytest.raises(asyncpg.PostgresError, match="not currently accepting connections"):
            await asyncpg.connect(database_url(postgres_server, "template_of_a_test"))


@pytest.mark.xdist_group("of_a_test")
def test_tests_of_a_group_stay_together(request: pytest.FixtureRequest) -> None:
    """Without its group's name every test is one by itself, and a running system is started by each worker."""
    if "PYTEST_XDIST_WORKER" not in os.environ:
        pytest.skip("there are no workers")
    assert request.node.nodeid.endswith("@of_a_test")


def test_a_killed_run_is_cleared_away_by_the_next(tmp_path: Path) -> None:
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    left = tmp_path / f"run-{dead.pid}-1"
    server = ServerProcess("sleeper", left / "sleeper")
    server.start(["sleep", "60"])
    mine = tmp_path / servers.folder_name(os.getpid())
    mine.mkdir()
    servers.sweep(tmp_path)
    assert server.pid is None
    assert not left.exists()
    assert mine.exists()
