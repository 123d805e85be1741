"""Beside API keys `homeward up` has no door that asks for none: Temporal's UI is there only when it is asked for."""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

_KEYS = json.dumps([{"key": "5d41402abc4b2a76b9719d911017c592", "scopes": ["read"]}])
_UP = [sys.executable, "-c", "from starter.cli.main import main; main()", "up", "--temporal-port", "0"]


@contextmanager
def up(data_dir: Path, *options: str, keys: str = _KEYS) -> Iterator[dict[str, Any]]:
    """Its ready line."""
    environment = {"HOMEWARD_DATA_DIR": str(data_dir), "HOMEWARD_API_KEYS": keys, "TEMPORAL_ADDRESS": ""}
    log = data_dir / "up.log"
    with (
        log.open("wb") as errors,
        subprocess.Popen(
            [*_UP, "--api-port", "0", *options],
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            env={**os.environ, **environment},
        ) as process,
    ):
        assert process.stdout is not None
        word, _, told = process.stdout.readline().partition(" ")
        try:
            assert word == "ready", log.read_text()
            yield json.loads(told)
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(20)


def _listening(parent: int) -> set[int]:
    """The ports that this process, and its children, listen on."""
    children = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
    inodes = set()
    for pid in (str(parent), *children):
        for link in Path(f"/proc/{pid}/fd").iterdir():
            target = str(link.readlink())
            if target.startswith("socket:["):
                inodes.add(target[8:-1])
    tables = [Path(f"/proc/net/{table}").read_text().splitlines()[1:] for table in ("tcp", "tcp6")]
    rows = [line.split() for table in tables for line in table]
    return {int(row[1].rpartition(":")[2], 16) for row in rows if row[3] == "0A" and row[9] in inodes}


def _answers_a_browser(port: int) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/", headers={"Host": "evil.example"}, timeout=5).status_code == 200
    except httpx.HTTPError:
        return False


def test_beside_keys_the_ui_is_off(tmp_path: Path) -> None:
    with up(tmp_path) as ready:
        assert set(ready) == {"api", "ui", "temporal", "database"}
        assert ready["ui"] is None
        local = json.loads((tmp_path / "local.json").read_text())
        assert local["ui"] is None
        ports = _listening(local["pid"])
        assert int(ready["temporal"].rpartition(":")[2]) in ports
        assert not [port for port in ports if _answers_a_browser(port) and f":{port}" not in ready["api"]]


@pytest.mark.long
def test_asked_for_beside_keys_the_ui_is_on_a_port_that_nobody_knows_beforehand(tmp_path: Path) -> None:
    with up(tmp_path, "--ui") as ready:
        assert httpx.get(ready["ui"]).status_code == 200
        assert not ready["ui"].endswith(":8233")


@pytest.mark.long
@pytest.mark.parametrize("keys", [_KEYS, ""])
def test_a_port_that_is_typed_is_where_the_ui_is(tmp_path: Path, keys: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    with up(tmp_path, "--ui-port", str(port), keys=keys) as ready:
        assert ready["ui"] == f"http://127.0.0.1:{port}"
        assert httpx.get(ready["ui"]).status_code == 200


@pytest.mark.parametrize(
    ("keys", "options"),
    [
        pytest.param(_KEYS, (), marks=pytest.mark.long),
        (_KEYS, ("--ui",)),
        pytest.param("", (), marks=pytest.mark.long),
        pytest.param("", ("--ui",), marks=pytest.mark.long),
    ],
)
@pytest.mark.long
def test_no_page_in_a_browser_reaches_the_servers_own_http_api(
    tmp_path: Path, keys: str, options: tuple[str, ...]
) -> None:
    with up(tmp_path, *options, *_free_ui(keys), keys=keys) as ready:
        ports = _listening(json.loads((tmp_path / "local.json").read_text())["pid"])
        ui = _port(ready["ui"]) if ready["ui"] else None
        asked = [(port, host) for port in ports - {ui} for host in ("evil.example", "127.0.0.1")]
        with ThreadPoolExecutor(len(asked)) as at_once:
            answers = set(at_once.map(_workflows, *zip(*asked, strict=True)))
        assert 403 in answers
        assert 200 not in answers
        assert ui is None or _workflows(ui, "127.0.0.1") == 200


def _free_ui(keys: str) -> tuple[str, ...]:
    """Without keys the UI is at a port that another test may have."""
    return () if keys else ("--ui-port", "0")


def _port(address: str) -> int:
    return int(address.rpartition(":")[2])


def _workflows(port: int, host: str) -> int | None:
    """What is said to a page that asks for the workflows by this name; None where nothing is."""
    url = f"http://127.0.0.1:{port}/api/v1/namespaces/default/workflows"
    try:
        return httpx.get(url, headers={"Host": f"{host}:{port}"}, timeout=5).status_code
    except httpx.HTTPError:
        return None
