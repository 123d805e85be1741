"""Master keys and data keys: read, rotated, dropped."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidTag
from temporalio.api.common.v1 import Payload
from temporalio.converter import WorkflowSerializationContext

from gateways.database import data_keys
from gateways.database.engine import Database
from tests.encryption.conftest import key_line
from workers import data_keys as in_memory
from workers.codec import FORGOTTEN, Codec
from workers.data_keys import DataKeys, rewrap
from workers.master_keys import MasterKeys, UnknownMasterKeyError, load_master_keys
from workers.settings import SettingsError

_ONE, _OTHER = "return-R-1", "return-R-2"
_PAYLOAD = Payload(metadata={"encoding": b"json/plain"}, data=b'"Jane Doe"')


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    made = Database(f"sqlite:///{tmp_path / 'homeward.db'}")
    await made.upgrade()
    yield made
    await made.dispose()


def _masters(tmp_path: Path, *lines: str) -> MasterKeys:
    path = tmp_path / "keys"
    path.write_text("".join(lines))
    return load_master_keys(str(path))


def _codec(database: Database, masters: MasterKeys, workflow_id: str = _ONE) -> Codec:
    return Codec(DataKeys(database, masters)).with_context(WorkflowSerializationContext("default", workflow_id))


async def test_each_workflow_has_a_key_of_its_own(database: Database, tmp_path: Path) -> None:
    masters = _masters(tmp_path, key_line("a", 1))
    [one] = await _codec(database, masters).encode([_PAYLOAD])
    [again] = await _codec(database, masters).encode([_PAYLOAD])
    [other] = await _codec(database, masters, _OTHER).encode([_PAYLOAD])
    assert b"Jane" not in one.SerializeToString()
    assert one.data != again.data
    assert one.metadata["key"] == again.metadata["key"] != other.metadata["key"]
    # The UI's codec server knows no workflow.
    assert await Codec(DataKeys(database, masters)).decode([one, other]) == [_PAYLOAD, _PAYLOAD]


async def test_what_was_changed_on_its_way_is_not_read(database: Database, tmp_path: Path) -> None:
    codec = _codec(database, _masters(tmp_path, key_line("a", 1)))
    [one] = await codec.encode([_PAYLOAD])
    one.data = one.data[:-1] + bytes([one.data[-1] ^ 1])
    with pytest.raises(InvalidTag):
        await codec.decode([one])


async def test_a_new_master_key_wraps_what_is_new_and_the_old_one_opens_what_was(
    database: Database, tmp_path: Path
) -> None:
    old, new = key_line("old", 1), key_line("new", 2)
    [one] = await _codec(database, _masters(tmp_path, old)).encode([_PAYLOAD])
    both = _masters(tmp_path, new, old)
    [other] = await _codec(database, both, _OTHER).encode([_PAYLOAD])
    assert await _codec(database, both).decode([one]) == [_PAYLOAD]
    with pytest.raises(UnknownMasterKeyError, match="the master key old of HOMEWARD_ENCRYPTION_KEYS"):
        await _codec(database, _masters(tmp_path, new)).decode([one])
    with pytest.raises(UnknownMasterKeyError, match="the master key old"):  # the id is the same, the key another
        await _codec(database, _masters(tmp_path, key_line("old", 3))).decode([one])
    assert await rewrap(database, both) == 1
    assert await rewrap(database, both) == 0
    assert await _codec(database, _masters(tmp_path, new)).decode([one, other]) == [_PAYLOAD, _PAYLOAD]


async def test_without_its_data_key_nothing_can_be_read(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    codec = _codec(database, _masters(tmp_path, key_line("a", 1)))
    [one] = await codec.encode([_PAYLOAD])
    assert await database.write(lambda connection: data_keys.drop(connection, [_ONE, _OTHER])) == 1
    assert await _codec(database, _masters(tmp_path, key_line("a", 1))).decode([one]) == [FORGOTTEN]
    monkeypatch.setattr(in_memory, "KEPT", -1)  # what was in memory ends within a minute
    held = _codec(database, _masters(tmp_path, key_line("a", 1)))
    [two] = await held.encode([_PAYLOAD])
    await database.write(lambda connection: data_keys.drop(connection, [_ONE]))
    assert await held.decode([two]) == [FORGOTTEN]


def test_a_command_may_give_the_keys(tmp_path: Path) -> None:
    path = tmp_path / "keys"
    path.write_text(key_line("a", 1))
    assert load_master_keys(f"command:cat {path}").current == "a"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "at least one line"),
        ("# none\n", "at least one line"),
        ("a\n", "lines ID:BASE64, of 32 random bytes"),
        ("a:c2VjcmV0\n", "lines ID:BASE64, of 32 random bytes"),
        (f"a b:{'A' * 44}\n", "lines ID:BASE64"),
        (key_line("a", 1) * 2, "each id once, a comes twice"),
    ],
)
def test_bad_keys_are_told_without_them(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(SettingsError, match=r"^HOMEWARD_ENCRYPTION_KEYS: expected ") as caught:
        _masters(tmp_path, text)
    assert told in str(caught.value)
    assert "c2VjcmV0" not in str(caught.value)


@pytest.mark.parametrize("source", ["command:false", "command:/nowhere/at/all", "command:sh -c 'exit 3'", "/nowhere"])
def test_a_source_that_gives_none_is_told(source: str) -> None:
    with pytest.raises(SettingsError, match="HOMEWARD_ENCRYPTION_KEYS: expected keys, got "):
        load_master_keys(source)
