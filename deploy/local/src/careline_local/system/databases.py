"""A database for each service with a role of its own, which can see no other."""

import asyncio
from urllib.parse import quote, urlsplit

import asyncpg

from careline_local.system.services import SERVICES, Description
from careline_local.system.vault import Vault


def database_url(server: str, service: Description, vault: Vault) -> str:
    """What a service connects to, as the role that owns its database."""
    place = urlsplit(server)
    password = quote(vault.password(f"database {service.database}"), safe="")
    return f"postgresql://{service.database}:{password}@{place.hostname}:{place.port}/{service.database}"


def create_databases(server: str, vault: Vault) -> None:
    """Create what is missing; passwords follow the vault."""
    asyncio.run(_create_databases(server, vault))


async def _create_databases(server: str, vault: Vault) -> None:
    connection = await asyncpg.connect(f"{server}/postgres")
    try:
        for service in SERVICES:
            await _create_database(connection, service.database, vault.password(f"database {service.database}"))
    finally:
        await connection.close()


async def _create_database(connection: "asyncpg.Connection[asyncpg.Record]", name: str, password: str) -> None:
    # Names come from our own list and passwords from an alphabet without quotes: neither can be a parameter here.
    verb = "ALTER" if await connection.fetchval("SELECT 1 FROM pg_roles WHERE rolname = $1", name) else "CREATE"
    await connection.execute(f"{verb} ROLE \"{name}\" LOGIN PASSWORD '{password}'")
    if not await connection.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", name):
        await connection.execute(f'CREATE DATABASE "{name}" OWNER "{name}"')
    await connection.execute(f'REVOKE CONNECT ON DATABASE "{name}" FROM PUBLIC')
