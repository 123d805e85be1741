"""The roles of docker-compose's PostgreSQL, on a real one: Temporal and Homeward work apart from each other."""

import os
import subprocess
from collections.abc import Iterator
from urllib.parse import urlsplit

import asyncpg
import pytest

from gateways.database.engine import Database
from tests.gateways import postgresql
from tests.project.test_layout import ROOT

SCRIPT = ROOT / "ops" / "postgresql" / "roles.sh"


@pytest.fixture(scope="module", params=postgresql.KINDS[1:])
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """``HOST:PORT`` of a PostgreSQL that has run the script, as compose's does with its first start."""
    password = tmp_path_factory.mktemp("secrets") / "password"
    password.write_text("it's one")
    with postgresql.cluster() as address:
        where = urlsplit(address)
        environment = {
            "PATH": os.environ["PATH"],
            "PGHOST": str(where.hostname),
            "PGPORT": str(where.port),
            "TEMPORAL_DB_PASSWORD_FILE": str(password),
            "HOMEWARD_DB_PASSWORD_FILE": str(password),
        }
        subprocess.run(["sh", str(SCRIPT)], check=True, capture_output=True, env=environment)
        yield f"{where.hostname}:{where.port}"


async def run(server: str, role: str, database: str, *statements: str) -> None:
    """Connect as the role and execute."""
    connection = await asyncpg.connect(f"postgresql://{role}@{server}/{database}")
    try:
        for statement in statements:
            await connection.execute(statement)
    finally:
        await connection.close()


async def test_homeward_makes_its_schema_with_the_role_that_it_has(server: str) -> None:
    db = Database(f"postgresql://homeward@{server}/homeward")
    try:
        await db.upgrade()
    finally:
        await db.dispose()


async def test_temporal_makes_its_databases_itself_and_homeward_reads_none(server: str) -> None:
    await run(server, "temporal", "postgres", "CREATE DATABASE temporal_visibility")
    # Its schema asks for this extension.
    made = ("CREATE EXTENSION btree_gin", "CREATE TABLE executions_visibility (memo bytea)")
    await run(server, "temporal", "temporal_visibility", *made)
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await run(server, "homeward", "temporal_visibility", "SELECT * FROM executions_visibility")


async def test_temporal_does_not_come_into_homewards(server: str) -> None:
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await run(server, "temporal", "homeward", "SELECT 1")


@pytest.mark.parametrize("role", ["temporal", "homeward"])
async def test_neither_makes_roles(server: str, role: str) -> None:
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await run(server, role, "postgres", "CREATE ROLE another SUPERUSER")
