"""A PostgreSQL for the length of a benchmark, as the tests have theirs."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import asyncpg

from tests.gateways.postgresql import cluster, present

__all__ = ["PostgreSQL", "postgresql", "present"]


@dataclass(frozen=True)
class PostgreSQL:
    """``address`` is without a database's name; ``pid`` the process whose children are all others."""

    address: str
    pid: int


@asynccontextmanager
async def postgresql() -> AsyncIterator[PostgreSQL]:
    """One with an empty database ``homeward``, which syncs nothing to disk."""
    with cluster() as address:
        connection = await asyncpg.connect(f"{address}/postgres")
        try:
            await connection.execute("CREATE DATABASE homeward")
            data = Path(await connection.fetchval("SHOW data_directory"))
        finally:
            await connection.close()
        yield PostgreSQL(address, int((data / "postmaster.pid").read_text().split()[0]))
