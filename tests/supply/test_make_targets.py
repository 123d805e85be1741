"""`make sbom` lists what production installs, `make audit` asks what is known against it."""

import json
import os
import subprocess
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from packaging.utils import canonicalize_name

from starter.local.temporal_server import free_port
from tests.project.test_layout import LOCKS, PYPROJECT, ROOT, entries, pins

SAFE: dict[str, Any] = {}
FLAW = {
    "id": "PYSEC-0000-1",
    "summary": "A template leaves its sandbox.",
    "affected": [
        {
            "package": {"name": "jinja2", "ecosystem": "PyPI"},
            "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "99.0"}]}],
        }
    ],
}


def make(*arguments: str) -> subprocess.CompletedProcess[str]:
    # On its own, also where the tests were started by make.
    environment = {
        name: value for name, value in os.environ.items() if name not in {"MAKEFLAGS", "MAKELEVEL", "MFLAGS"}
    }
    return subprocess.run(["make", *arguments], cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def bill() -> dict[str, Any]:
    """What `make sbom` writes."""
    path = ROOT / "dist" / "homeward.cdx.json"
    path.unlink(missing_ok=True)
    done = make("sbom")
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(path.read_text())
    return found


def test_every_release_is_in_the_bill_with_its_hashes(bill: dict[str, Any]) -> None:
    listed = {}
    for component in bill["components"]:
        hashes = {h["content"] for place in component["externalReferences"] for h in place.get("hashes", ())}
        listed[f"{canonicalize_name(component['name'])}=={component['version']}"] = hashes
    assert listed == {f"{release.name}{release.specifier}": hashes for release, hashes in entries(LOCKS[0]).items()}


def test_the_bill_is_homewards(bill: dict[str, Any]) -> None:
    assert bill["bomFormat"] == "CycloneDX"
    subject = bill["metadata"]["component"]
    assert (subject["name"], subject["version"]) == ("homeward", PYPROJECT["project"]["version"])


@contextmanager
def advisories(known: dict[str, Any]) -> Iterator[tuple[str, Counter[str]]]:
    """A database of advisories on loopback: its address, and what it was asked for."""
    asked: Counter[str] = Counter()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            query = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            asked[f"{query['package']['name']}=={query['version']}"] += 1
            body = json.dumps(known.get(query["package"]["name"], SAFE)).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            """Tests keep quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/v1/query", asked
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def test_an_audit_asks_for_each_release_and_passes_where_none_has_a_flaw() -> None:
    with advisories({}) as (url, asked):
        done = make("audit", f"OSV_URL={url}")
    assert done.returncode == 0, done.stderr
    assert "No known vulnerabilities found" in done.stdout
    for_this_python = [release for release in entries(LOCKS[0]) if not release.marker or release.marker.evaluate()]
    assert asked == {f"{release.name}{release.specifier}": 1 for release in for_this_python}


def test_an_audit_names_the_release_with_a_flaw_and_fails() -> None:
    with advisories({"jinja2": {"vulns": [FLAW]}}) as (url, _):
        done = make("audit", f"OSV_URL={url}")
    assert done.returncode != 0
    [row] = [line.split() for line in done.stdout.splitlines() if line.startswith("jinja2")]
    assert row == ["jinja2", pins(LOCKS[0])["jinja2"], "PYSEC-0000-1", "99.0"]


def test_an_audit_without_an_answer_fails_and_says_that_nothing_is_known() -> None:
    done = make("audit", f"OSV_URL=http://127.0.0.1:{free_port()}/v1/query")
    assert done.returncode != 0
    assert "No known vulnerabilities" not in done.stdout
    assert "the advisories were not to be had, nothing is known about any release" in done.stderr
