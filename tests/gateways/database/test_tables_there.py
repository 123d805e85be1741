"""`homeward db check`: the schema that the database says it has, and the tables that it really has."""

import asyncio
import json
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import Connection, text

from gateways.database.engine import Database
from gateways.tables_there import missing_from
from starter.cli.main import main


def _changed_by_hand(connection: Connection) -> None:
    connection.execute(text("DROP TABLE subscribers"))
    connection.execute(text("ALTER TABLE inbox RENAME COLUMN attempts TO tries"))


async def checked(url: str, monkeypatch: pytest.MonkeyPatch) -> tuple[int, dict[str, Any]]:
    monkeypatch.setenv("HOMEWARD_DATABASE_URL", url)
    result = await asyncio.to_thread(CliRunner().invoke, main, ["db", "check", "--json"])
    assert result.stdout, result.output
    return result.exit_code, json.loads(result.stdout)


async def test_what_a_database_lacks_is_named(empty_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    code, found = await checked(empty_url, monkeypatch)
    assert (code, found["fits"]) == (1, False)
    assert "run `homeward db upgrade`" in found["problem"]

    database = Database(empty_url)
    try:
        await database.upgrade()
        assert await checked(empty_url, monkeypatch) == (0, {"fits": True, "problem": None, "missing": []})

        await database.write(_changed_by_hand)
        assert await missing_from(database) == ["column inbox.attempts", "table subscribers"]
        code, found = await checked(empty_url, monkeypatch)
        assert (code, found["missing"]) == (1, ["column inbox.attempts", "table subscribers"])
    finally:
        await database.dispose()
