"""The commands of docs/backup.md for PostgreSQL, parsed from the page and run."""

import asyncio
import os
import re
import shlex
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest

from gateways.database import data_keys
from gateways.database.data_keys import WrappedKey
from gateways.database.engine import Database
from gateways.database.returns import records
from lifecycle.contract.statuses import Status
from tests.gateways import postgresql
from tests.gateways.partner_requests import NOW
from tests.workflows.returns.play import make_request

PAGE = (Path(__file__).parents[2] / "docs" / "backup.md").read_text()
#: Whose dumps a test can make: Temporal's own server does not run on PostgreSQL here.
NAMES = {"HOMEWARD_DATABASE_URL": "books", "TEMPORAL_DATABASE_URL": "engine", "VISIBILITY_DATABASE_URL": "lists"}


def commands(block: str) -> list[str]:
    """The lines of one of the page's blocks; `homeward` itself is not on every path."""
    found = re.search(rf"^```sh {block}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    assert found
    return [
        line.replace("homeward db", f"{shlex.quote(sys.executable)} -c 'from starter.cli.main import main; main()' db")
        for line in found[1].splitlines()
    ]


@pytest.fixture
async def addresses(cluster: str) -> AsyncIterator[dict[str, str]]:
    """Three databases of their own, and how to make them anew."""
    connection = await asyncpg.connect(f"{cluster}/postgres")
    try:
        for name in NAMES.values():
            await connection.execute(f"CREATE DATABASE {name}")
        yield {variable: f"{cluster}/{name}" for variable, name in NAMES.items()}
        for name in NAMES.values():
            await connection.execute(f"DROP DATABASE {name} WITH (FORCE)")
    finally:
        await connection.close()


async def _run(block: str, addresses: dict[str, str], folder: Path) -> None:
    environment = {**os.environ, **addresses, "DIR": str(folder)}
    for command in commands(block):
        done = await asyncio.to_thread(
            subprocess.run, ["sh", "-ec", command], env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, (command, done.stderr)


@pytest.mark.parametrize("kind", postgresql.KINDS[1:])
async def test_what_the_page_backs_up_it_brings_back(
    kind: str, cluster: str, addresses: dict[str, str], tmp_path: Path
) -> None:
    url = addresses["HOMEWARD_DATABASE_URL"]
    before, request = Database(url), make_request()
    await before.upgrade()
    mine = request.return_id or ""
    await before.write(lambda connection: records.insert_return(connection, mine, request, {}, Status.REQUESTED, NOW))
    key = WrappedKey("k-1", f"return-{mine}", "m-1", "wrapped")
    await data_keys.keep(before, key, NOW)
    await _run("backup", addresses, tmp_path)
    await before.dispose()

    connection = await asyncpg.connect(f"{cluster}/postgres")
    for name in NAMES.values():
        await connection.execute(f"DROP DATABASE {name} WITH (FORCE)")
        await connection.execute(f"CREATE DATABASE {name}")
    await connection.close()
    await _run("restore", addresses, tmp_path)
    after = Database(url)
    await after.require_schema()
    row = await records.get_return(after, mine)
    assert await data_keys.of_workflow(after, key.workflow_id) == key
    await after.dispose()
    assert row
    assert row.request == request.model_dump(mode="json")
