"""A migrated database per service and worker, cloned from a template that the first to need it makes."""

import asyncio
import threading
from collections.abc import Coroutine
from dataclasses import dataclass
from typing import Any, Final, TypeVar
from urllib.parse import urlsplit

import asyncpg

from careline_local.testing.migrations import migrate
from careline_local.testing.servers import worker_name

T = TypeVar("T")

# What migrations put into tables (clock, rules, first texts) is kept aside, so that every test begins with it.
_KEEP_SEEDS: Final = """
DO $$
DECLARE
    candidate name;
    filled boolean;
BEGIN
    CREATE SCHEMA seeds;
    FOR candidate IN
        SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname = 'public' AND c.relkind = 'r' AND NOT c.relispartition AND c.relname <> 'alembic_version'
    LOOP
        EXECUTE format('SELECT EXISTS (SELECT FROM public.%I)', candidate) INTO filled;
        IF filled THEN
            EXECUTE format('CREATE TABLE seeds.%I AS TABLE public.%I', candidate, candidate);
        END IF;
    END LOOP;
END $$
"""

# Only tables that hold rows are emptied: looking is a thousand times cheaper than truncating.
_EMPTY_ALL_TABLES: Final = """
DO $$
DECLARE
    candidate regclass;
    filled boolean;
    found text[] := '{}';
    seeded name;
    stored text;
BEGIN
    FOR candidate IN
        SELECT c.oid FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p') AND NOT c.relispartition
          AND c.relname <> 'alembic_version'
    LOOP
        EXECUTE format('SELECT EXISTS (SELECT FROM %s)', candidate) INTO filled;
        IF filled THEN
            found := found || candidate::text;
        END IF;
    END LOOP;
    IF found <> '{}' THEN
        -- Neither foreign keys nor triggers have a say in it: a ledger refuses to be emptied by anybody else.
        SET LOCAL session_replication_role = 'replica';
        EXECUTE 'TRUNCATE ' || array_to_string(found, ', ') || ' RESTART IDENTITY CASCADE';
        FOR seeded IN SELECT tablename FROM pg_tables WHERE schemaname = 'seeds' LOOP
            SELECT string_agg(quote_ident(attname), ', ') INTO stored FROM pg_attribute
            WHERE attrelid = format('public.%I', seeded)::regclass AND attnum > 0
              AND NOT attisdropped AND attgenerated = '';
            EXECUTE format('INSERT INTO public.%I (%s) OVERRIDING SYSTEM VALUE SELECT %s FROM seeds.%I',
                           seeded, stored, stored, seeded);
        END LOOP;
        SET LOCAL session_replication_role = 'origin';
    END IF;
END $$
"""


@dataclass(frozen=True)
class ServiceDatabase:
    """The database of one service in this worker."""

    package: str
    url: str

    def empty(self) -> None:
        """Delete all rows but those of the migrations; whoever still holds a lock is an error."""
        run(execute(self.url, "SET lock_timeout = '5s'", _EMPTY_ALL_TABLES))


def clone(server: str, package: str) -> ServiceDatabase:
    """A fresh migrated database for this worker on the given server."""
    name = f"test_{package}_{worker_name()}"
    run(_clone(server, package, name))
    return ServiceDatabase(package, database_url(server, name))


def database_url(server: str, name: str) -> str:
    """URL of one database of a server."""
    return urlsplit(server)._replace(path=f"/{name}").geturl()


async def _clone(server: str, package: str, name: str) -> None:
    template = f"template_{package}"
    connection = await asyncpg.connect(database_url(server, "postgres"))
    try:
        # One worker migrates, the others wait for it.
        await connection.execute("SELECT pg_advisory_lock(hashtext($1))", template)
        if not await connection.fetchval("SELECT datistemplate FROM pg_database WHERE datname = $1", template):
            await connection.execute(f'DROP DATABASE IF EXISTS "{template}"')
            await connection.execute(f'CREATE DATABASE "{template}"')
            await asyncio.to_thread(migrate, package, database_url(server, template))
            await connection.execute(f'ALTER DATABASE "{template}" WITH IS_TEMPLATE true ALLOW_CONNECTIONS false')
        await connection.execute("SELECT pg_advisory_unlock(hashtext($1))", template)
        await connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        await connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    finally:
        await connection.close()
    await execute(database_url(server, name), _KEEP_SEEDS)


async def execute(url: str, *statements: str) -> None:
    """Run statements one by one on a connection of their own."""
    connection = await asyncpg.connect(url)
    try:
        for statement in statements:
            await connection.execute(statement)
    finally:
        await connection.close()


def run(coroutine: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine to its end in a thread of its own, so that the loop of the test is left alone."""
    results: list[T] = []
    failures: list[BaseException] = []

    def target() -> None:
        try:
            results.append(asyncio.run(coroutine))
        except BaseException as failure:  # noqa: BLE001 - raised again below, in the thread that asked.
            failures.append(failure)

    thread = threading.Thread(target=target)
    thread.start()
    thread.join()
    if failures:
        raise failures[0]
    return results[0]
