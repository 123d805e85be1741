"""`homeward up` as a newcomer meets it: one line, then everything works, then it stops."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from click.testing import CliRunner, Result

from gateways.database.engine import without_password
from starter.cli.main import main
from tests.gateways import postgresql

FREE_PORTS = ["--temporal-port", "0", "--ui-port", "0", "--api-port", "0"]
UP = [sys.executable, "-c", "from starter.cli.main import main; main()", "up", *FREE_PORTS]


class Running:
    """One `homeward up`, and the command line that finds it by its data directory."""

    def __init__(self, data_dir: Path, database_url: str = "") -> None:
        self.log = data_dir / "up.log"
        self.environment = {
            "HOMEWARD_DATA_DIR": str(data_dir),
            "TEMPORAL_ADDRESS": "",
            "HOMEWARD_DATABASE_URL": database_url,
        }
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                UP, stdout=subprocess.PIPE, stderr=log, text=True, env={**os.environ, **self.environment}
            )
        assert self.process.stdout is not None
        word, _, told = self.process.stdout.readline().partition(" ")
        assert word == "ready", self.log.read_text()
        self.ready: dict[str, Any] = json.loads(told)

    def call(self, *arguments: str, stdin: str | None = None) -> Result:
        return CliRunner(env=self.environment).invoke(main, arguments, input=stdin)

    def ask(self, *arguments: str, stdin: str | None = None) -> Any:
        result = self.call(*arguments, "--json", stdin=stdin)
        assert result.exit_code == 0, result.output
        return json.loads(result.stdout)

    def stop(self, number: signal.Signals) -> int:
        self.process.send_signal(number)
        return self.process.wait(20)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    there = Running(tmp_path_factory.mktemp("up"))
    try:
        yield there
        assert there.stop(signal.SIGTERM) == 0
    finally:
        there.process.kill()
        there.process.wait()
        assert there.process.stdout is not None
        assert there.process.stdout.read() == ""
        there.process.stdout.close()


def request(return_id: str) -> str:
    body = json.loads(Path("examples/refund.json").read_text())
    body["return_id"] = return_id
    body["order"]["order_id"] = f"SO-{return_id}"
    body["order"]["placed_at"] = (datetime.now(UTC) - timedelta(days=8)).isoformat()
    body["order"]["delivered_at"] = (datetime.now(UTC) - timedelta(days=4)).isoformat()
    return json.dumps(body)


def until(running: Running, return_id: str, status: str) -> Any:
    for _ in range(100):
        view = running.ask("show", return_id)
        if view["status"] == status:
            return view
    raise AssertionError(f"{return_id} is {view['status']}, not {status}")


def test_the_ready_line(running: Running) -> None:
    ready = running.ready
    assert set(ready) == {"api", "ui", "temporal", "database"}
    assert ready["api"].startswith("http://127.0.0.1:")
    assert ready["temporal"].startswith("127.0.0.1:")
    assert ready["ui"].startswith("http://127.0.0.1:")


def test_whoever_started_it_may_be_the_first_manager(running: Running) -> None:
    [link] = [line["link"] for line in map(json.loads, running.log.read_text().splitlines()) if "link" in line]
    assert link.startswith(f"{running.ready['api']}/staff/link?token=")
    page = httpx.get(link)
    assert (page.status_code, "The first manager" in page.text) == (200, True)
    made = running.ask("staff", "add", "alex", "--name", "Alex Doe", "--role", "clerk")
    assert made["link"].startswith(f"{running.ready['api']}/staff/link?token=")
    assert "Welcome, Alex Doe" in httpx.get(made["link"]).text


@pytest.mark.long
@pytest.mark.parametrize("kind", postgresql.KINDS[1:])
def test_nothing_printed_holds_the_databases_password(kind: str, tmp_path: Path) -> None:
    with postgresql.cluster() as address:
        url = f"{address.replace('postgres@', 'postgres:hidden@')}/postgres"
        there = Running(tmp_path, url)
        try:
            assert there.ready["database"] == url.replace("hidden", "***")
            assert json.loads((tmp_path / "local.json").read_text())["database"] == url
            assert there.stop(signal.SIGTERM) == 0
            assert "hidden" not in there.log.read_text()
        finally:
            there.process.kill()
            there.process.wait()
            assert there.process.stdout is not None
            there.process.stdout.close()


@pytest.mark.parametrize(
    ("url", "printed"),
    [
        ("sqlite:////data/with a blank/homeward.db", "sqlite:////data/with a blank/homeward.db"),
        ("postgresql://homeward@db/homeward", "postgresql://homeward@db/homeward"),
        ("postgresql://homeward:hidden@db:5432/homeward", "postgresql://homeward:***@db:5432/homeward"),
        ("postgresql://db/homeward?password=hidden&ssl=require", "postgresql://db/homeward?ssl=require"),
    ],
)
def test_a_databases_url_is_printed_without_its_passwords(url: str, printed: str) -> None:
    assert without_password(url) == printed


def test_a_return_goes_home_by_the_command_line(running: Running, tmp_path: Path) -> None:
    assert running.ask("start", "-", stdin=request("R-1"))["return_id"] == "R-1"
    code = until(running, "R-1", "label_sent")["handover"]["tracking_code"]
    assert running.ask("track", "R-1", "in_transit")["tracking_code"] == code
    assert running.ask("receive", "R-1")["status"] == "received"
    assert running.ask("inspect", "R-1", "--grade", "B")["amount"] == 4033
    view = until(running, "R-1", "refunded")
    assert [paid["amount"] for paid in view["settlement"]["paid"]] == [4033]
    assert {"label_sent", "refunded"} <= {mail["template"] for mail in view["mails"]}
    assert {"buy_return_label", "refund-t1"} <= {effect["step"] for effect in view["effects"]}
    assert sum(move["quantity"] for move in view["movements"]) == 1
    running.ask("label", "R-1", "-o", str(tmp_path / "label.pdf"))
    assert (tmp_path / "label.pdf").read_bytes().startswith(b"%PDF")
    _its_story_is_in_the_log(running, "R-1")


def _its_story_is_in_the_log(running: Running, return_id: str) -> None:
    """By one grep: each step with its partner and how long it took, each status once."""
    lines = [json.loads(line) for line in running.log.read_text().splitlines() if f'"{return_id}"' in line]
    done = {line["step"]: line for line in lines if line["event"] == "step_done"}
    assert {"open", "buy_return_label", "receive", "refund-t1"} <= {step.partition(":")[0] for step in done}
    assert [done[step]["partner"] for step in ("buy_return_label", "refund-t1")] == ["carrier", "payment"]
    assert all(line["ms"] >= 0 and line["attempt"] == 1 for line in done.values())
    statuses = [line["status"] for line in lines if line["event"] == "status_changed"]
    assert statuses == ["label_sent", "in_transit", "received", "settling", "refunded"]


def test_it_reads_well(running: Running) -> None:
    running.ask("start", "-", stdin=request("R-2"))
    until(running, "R-2", "label_sent")
    for arguments in (["show", "R-2"], ["list"], ["list", "--status", "label_sent"], ["inventory"]):
        result = running.call(*arguments)
        assert result.exit_code == 0, result.output
        assert "Traceback" not in result.output
    assert "label_sent" in running.call("show", "R-2").output


def test_what_is_not_allowed_ends_with_1(running: Running) -> None:
    asked = request("R-3")
    running.ask("start", "-", stdin=asked)
    until(running, "R-3", "label_sent")
    for arguments in (["approve", "R-3"], ["inspect", "R-3"], ["cancel", "NOPE"], ["show", "NOPE"]):
        result = running.call(*arguments)
        assert result.exit_code == 1
        assert result.stderr.startswith("Error: ")
    assert running.ask("cancel", "R-3")["status"] == "cancelled"
    assert running.ask("start", "-", stdin=asked)["status"] == "cancelled"
    other = asked.replace('"size_too_small"', '"color"')
    assert "another request" in running.call("start", "-", stdin=other).stderr


def test_a_second_one_says_what_to_change(running: Running, tmp_path: Path) -> None:
    again = running.call("up", *FREE_PORTS)
    assert again.exit_code == 1
    assert "--data-dir: " in again.stderr
    port = running.ready["temporal"].rpartition(":")[2]
    taken = running.call("up", "--data-dir", str(tmp_path), "--api-port", "0", "--temporal-port", port)
    assert taken.exit_code == 1
    assert f"--temporal-port: port {port} on 127.0.0.1 is taken" in taken.stderr


def test_a_killed_server_is_started_again(running: Running) -> None:
    running.ask("start", "-", stdin=request("R-4"))
    children = Path(f"/proc/{running.process.pid}/task/{running.process.pid}/children").read_text().split()
    os.kill(int(children[0]), signal.SIGKILL)
    for _ in range(30):
        if running.call("show", "R-4").exit_code == 0:
            break
    until(running, "R-4", "label_sent")


def test_logs_hold_nothing_personal(running: Running) -> None:
    lines = running.log.read_text().splitlines()
    assert all(json.loads(line)["event"] for line in lines)
    assert "Sample" not in running.log.read_text()
    assert "@" not in running.log.read_text()
