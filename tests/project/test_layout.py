"""The project's files agree with each other, and none holds what does not belong in a repository."""

import re
import subprocess
import tomllib
from collections import Counter
from functools import cache
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
PACKAGES: list[str] = PYPROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
LOCKS = ("requirements.lock", "requirements-dev.lock", "requirements-audit.lock")

#: Written so that this file does not find itself.
MACHINE_PATH = re.compile(r"(?<![\w.-])/(?:roo[t]|User[s]/\w|wor[k]/|home/(?!homeward\b)\w)[\w/.-]*")
SECRET = re.compile(
    r"-----BEGIN [A-Z ]*PRIVATE KE[Y]|\bAKI[A][0-9A-Z]{16}\b|\bgh[pousr]_\w{30}"
    r"|\b[sr]k_liv[e]_\w{8}|\bxox[bap]-\w{8}"
)


@cache
def project_files() -> tuple[Path, ...]:
    """Every file that git knows or would take, as absolute paths."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    names = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\0")
    return tuple(path for name in names if name and (path := ROOT / name).is_file())


def texts() -> list[tuple[str, str]]:
    """Name and content of every text file."""
    found = []
    for path in project_files():
        content = path.read_bytes()
        if b"\0" not in content:
            found.append((str(path.relative_to(ROOT)), content.decode()))
    return found


def pins(lock: str) -> dict[str, str]:
    found = re.findall(r"^([\w.-]+)==([^\s;]+)", (ROOT / lock).read_text(), re.MULTILINE)
    return {canonicalize_name(name): version for name, version in found}


def entries(lock: str) -> dict[Requirement, set[str]]:
    """The hashes of each release; a name stands twice where Pythons differ."""
    parts = re.split(r"^(?=[\w.-]+==)", (ROOT / lock).read_text(), flags=re.MULTILINE)
    return {
        Requirement(part.splitlines()[0].rstrip("\\ ")): set(re.findall(r"--hash=sha256:([0-9a-f]{64})", part))
        for part in parts
        if part.strip()
    }


PROJECT: list[str] = PYPROJECT["project"]["dependencies"]
LOCAL: list[str] = PYPROJECT["project"]["optional-dependencies"]["local"]
AGENTS: list[str] = PYPROJECT["project"]["optional-dependencies"]["agents"]
GROUPS: dict[str, list[str]] = PYPROJECT["dependency-groups"]


def test_init_files_are_empty() -> None:
    face = ROOT / "clients" / "python" / "homeward_client" / "__init__.py"  # what others import of it
    full = [path for path in project_files() if path.name == "__init__.py" and path.read_bytes() and path != face]
    assert full == []


def test_listed_packages_are_the_packages_there_are() -> None:
    assert {path.parent.name for path in ROOT.glob("*/__init__.py")} == set(PACKAGES)
    assert PYPROJECT["tool"]["importlinter"]["root_packages"] == PACKAGES


def test_docker_image_holds_every_package() -> None:
    copied = re.findall(r"^COPY (\w+) \1$", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
    admitted = re.findall(r"^!([a-z]+)$", (ROOT / ".dockerignore").read_text(), re.MULTILINE)
    assert copied == [*PACKAGES, "content"]
    assert admitted == [*PACKAGES, "content"]


def test_every_folder_of_a_package_has_its_init_file() -> None:
    for path in project_files():
        parts = path.relative_to(ROOT).parts
        # Alembic loads the files of its own folder by path.
        if path.suffix == ".py" and parts[0] in PACKAGES and "migrations" not in parts:
            assert (path.parent / "__init__.py").is_file(), f"{path.parent} lacks __init__.py"


def test_no_folder_holds_more_code_than_one_look_takes_in() -> None:
    code = [path.relative_to(ROOT) for path in project_files() if path.suffix == ".py" and path.name != "__init__.py"]
    folders = Counter(str(path.parent) for path in code if path.parts[0] in PACKAGES and "migrations" not in path.parts)
    assert {folder: number for folder, number in folders.items() if number > 20} == {}


@pytest.mark.parametrize("lock", LOCKS)
def test_locks_name_no_index_and_no_host(lock: str) -> None:
    for line in (ROOT / lock).read_text().splitlines():
        assert not line.startswith("-"), line
        assert "://" not in line, line


@pytest.mark.parametrize("lock", LOCKS)
def test_every_locked_release_has_hashes(lock: str) -> None:
    assert [str(release) for release, hashes in entries(lock).items() if not hashes] == []


@pytest.mark.parametrize(
    ("lock", "required"),
    [
        (LOCKS[0], [*PROJECT, *GROUPS["build"]]),
        (LOCKS[1], [*PROJECT, *LOCAL, *AGENTS, *GROUPS["build"], *GROUPS["dev"]]),
        (LOCKS[2], GROUPS["audit"]),
    ],
    ids=LOCKS,
)
def test_locked_releases_are_the_ones_asked_for(lock: str, required: list[str]) -> None:
    locked = pins(lock)
    for requirement in map(Requirement, required):
        version = locked.get(canonicalize_name(requirement.name))
        assert version is not None, f"{requirement.name} is not in {lock}: run make lock"
        assert requirement.specifier.contains(version), f"{requirement} against {version}: run make lock"


def test_tests_run_with_the_releases_that_are_deployed() -> None:
    assert pins(LOCKS[0]).items() <= pins(LOCKS[1]).items()


def test_version_has_its_place_in_the_changelog() -> None:
    headings = re.findall(r"^## \[(.+?)\]", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)
    assert headings[0] in {"Unreleased", PYPROJECT["project"]["version"]}


def test_no_file_names_a_path_of_somebodys_machine() -> None:
    found = [(name, match[0]) for name, text in texts() for match in MACHINE_PATH.finditer(text)]
    assert found == []


def test_no_file_holds_a_secret() -> None:
    assert [name for name, text in texts() if SECRET.search(text)] == []


def test_links_in_the_docs_lead_somewhere() -> None:
    broken = []
    for name, text in texts():
        # The FAQ's links are addresses of the portal; its own tests follow them.
        if name.endswith(".md") and not name.startswith("content/"):
            for target in re.findall(r"\]\(([^)\s]+)\)", text):
                path = target.partition("#")[0]
                if path and "://" not in path and not ((ROOT / name).parent / path).exists():
                    broken.append(f"{name}: {target}")
    assert broken == []
