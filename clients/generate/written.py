"""The files that are made, as they are to stand."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from clients.generate import python_code, typescript_code
from clients.generate.description import ROOT, read

PYTHON: Final = ROOT / "clients" / "python" / "homeward_client"
TYPESCRIPT: Final = ROOT / "clients" / "typescript" / "src"


def made() -> dict[Path, str]:
    """Each file's place and content."""
    return dict(_files())


def _files() -> Iterator[tuple[Path, str]]:
    description = read()
    for name, content in python_code.files(description):
        yield PYTHON / name, _formatted(content, PYTHON / name)
    for name, content in typescript_code.files(description):
        yield TYPESCRIPT / name, content


def _formatted(content: str, path: Path) -> str:
    """As the repository formats Python, without the imports that nothing uses."""
    ruff = [sys.executable, "-m", "ruff"]
    name = ["--stdin-filename", str(path)]
    fixes = [*ruff, "check", "--quiet", "--fix-only", "--isolated", "--select", "F401,I001", *name, "-"]
    for command in (fixes, [*ruff, "format", "--quiet", *name, "-"]):
        content = subprocess.run(command, input=content, capture_output=True, text=True, check=True, cwd=ROOT).stdout
    return content
