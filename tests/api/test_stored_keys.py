"""Keys that are made, rotated and taken away while the shop runs."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from temporalio.client import Client

from gateways.database import api_keys
from gateways.database.api_keys import MadeKey
from gateways.database.engine import Database
from starter.shared import known_keys
from starter.shared.services import services_of
from tests.api.conftest import calling, settings_of
from workers.converter import CONVERTER

_OF_THE_SETTINGS = "a-key-of-the-settings"
_GIVEN = {"key": _OF_THE_SETTINGS, "scopes": ["read"]}
_DAY = timedelta(days=1)


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    made = Database(f"sqlite:///{tmp_path / 'homeward.db'}")
    await made.upgrade()
    yield made
    await made.dispose()


@pytest.fixture(autouse=True)
def seen_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """What every process sees within two seconds, these see with the next call."""
    monkeypatch.setattr(known_keys, "_LOOKED_AT_EVERY", 0)


async def _api(database: Database, **settings: Any) -> httpx.AsyncClient:
    nobody = await Client.connect("127.0.0.1:1", lazy=True, data_converter=CONVERTER)
    return calling(services_of(settings_of(**settings), nobody, database))


async def _status(api: httpx.AsyncClient, key: str | None) -> int:
    """Of a call with scope ``read`` that needs the database alone."""
    given = {"Authorization": f"Bearer {key}"} if key else {}
    return (await api.get("/v1/faq?q=label", headers=given)).status_code


async def _create(database: Database, name: str = "till", ends_at: datetime | None = None) -> MadeKey:
    return await api_keys.create(database, name, ["read"], datetime.now(UTC), ends_at)


async def _row(database: Database, number: int = 1) -> dict[str, Any]:
    return next(row for row in await api_keys.all_keys(database) if row["number"] == number)


@pytest.mark.parametrize(
    "settings", [{"stored_keys": True}, {"api_keys": [{"key": _OF_THE_SETTINGS, "scopes": ["read"]}]}]
)
async def test_a_key_opens_what_its_scopes_say_beside_those_of_the_settings(
    database: Database, settings: dict[str, Any]
) -> None:
    api = await _api(database, **settings)
    assert (await _status(api, None), await _status(api, "hwk_guessed")) == (401, 401)
    made = await _create(database)
    assert await _status(api, made.key) == 200
    refused = await api.get("/v1/partners", headers={"Authorization": f"Bearer {made.key}"})
    assert refused.status_code == 403
    assert await _status(api, _OF_THE_SETTINGS) == (200 if "api_keys" in settings else 401)


async def test_the_first_key_ends_keyless_use(database: Database) -> None:
    api = await _api(database)
    assert await _status(api, None) == 200
    made = await _create(database)
    assert (await _status(api, None), await _status(api, made.key)) == (401, 200)


async def test_two_keys_overlap_at_a_rotation_and_make_the_same_calls(database: Database) -> None:
    api = await _api(database, stored_keys=True)
    first = await _create(database)
    second = await api_keys.rotate(database, "till", datetime.now(UTC), _DAY, None)
    assert second.key != first.key
    assert (second.scopes, await _status(api, first.key), await _status(api, second.key)) == (["read"], 200, 200)
    known = await known_keys.StoredKeys(database).now()
    assert len({key.caller for key in known}) == 1
    assert {key.label for key in known} == {"till"}
    third = await api_keys.rotate(database, "till", datetime.now(UTC), timedelta(0), None)
    assert [await _status(api, made.key) for made in (first, second, third)] == [401, 401, 200]


async def test_a_key_ends_by_itself_and_when_it_is_revoked(database: Database) -> None:
    api = await _api(database, stored_keys=True)
    now = datetime.now(UTC)
    ended, later = await _create(database, "past", now - _DAY), await _create(database, "later", now + _DAY)
    assert (await _status(api, ended.key), await _status(api, later.key)) == (401, 200)
    await api_keys.revoke(database, "later", datetime.now(UTC))
    assert await _status(api, later.key) == 401
    with pytest.raises(api_keys.NoSuchKeyError):
        await api_keys.revoke(database, "later", datetime.now(UTC))


async def test_its_name_is_its_own_while_it_is_in_force(database: Database) -> None:
    await _create(database)
    with pytest.raises(api_keys.NameTakenError):
        await _create(database)
    await api_keys.revoke(database, "till", datetime.now(UTC))
    await _create(database)
    assert [row["number"] for row in await api_keys.all_keys(database)] == [1, 2]


async def test_the_key_itself_is_kept_nowhere(database: Database) -> None:
    made = await _create(database)
    path = Path(str(database.url.database))
    kept = b"".join(file.read_bytes() for file in path.parent.iterdir())
    assert made.key.encode() not in kept
    assert made.key.removeprefix("hwk_").encode() not in kept


async def test_its_last_use_is_kept_once_a_minute(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    made = await _create(database)
    assert (await _row(database))["used_at"] is None
    assert await _status(await _api(database, stored_keys=True), made.key) == 200
    used_at = (await _row(database))["used_at"]
    assert used_at is not None
    another_process = await _api(database, stored_keys=True)
    assert await _status(another_process, made.key) == 200
    assert (await _row(database))["used_at"] == used_at
    monkeypatch.setattr(api_keys, "USE_IS_KEPT_EVERY", timedelta(0))
    assert await _status(another_process, made.key) == 200
    assert (await _row(database))["used_at"] > used_at


async def test_while_the_database_is_away_keys_of_the_settings_still_open() -> None:
    away = Database("postgresql://nobody@127.0.0.1:1/none")
    api = await _api(away, api_keys=[{"key": _OF_THE_SETTINGS, "scopes": ["start"]}])
    refused = await api.get("/v1/partners", headers={"Authorization": f"Bearer {_OF_THE_SETTINGS}"})
    unknown = await api.get("/v1/partners", headers={"Authorization": "Bearer hwk_maybe"})
    assert (refused.status_code, unknown.status_code) == (403, 503)
    await away.dispose()
