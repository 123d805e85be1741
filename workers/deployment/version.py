"""Which code this is: its release, and the commit or the build that it is of, as far as that is known."""

import os
import shutil
import subprocess
from collections.abc import Mapping
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Final

#: What an image or a package says of the code in it, where no repository does.
NAMED: Final = "HOMEWARD_BUILD"
#: What Temporal tells versions of workers apart by.
BUILD: Final = "TEMPORAL_WORKER_BUILD_ID"


@cache
def release() -> str:
    """The release, such as 0.1.0."""
    return version("homeward")


def commit(environment: Mapping[str, str] = os.environ) -> str:
    """What the image names, else the worker's build id, else the repository's commit; empty where nothing tells."""
    return environment.get(NAMED) or environment.get(BUILD) or _of_repository()


def version_and_commit(environment: Mapping[str, str] = os.environ) -> str:
    """Release and commit, such as ``0.1.0-4a78bc4``; the release alone where nothing tells the commit."""
    return "-".join(filter(None, (release(), environment.get(NAMED) or _of_repository())))


@cache
def _of_repository() -> str:
    """The commit that is checked out, shortened; empty outside of a repository, or without git."""
    root = Path(__file__).resolve().parents[2]
    git = shutil.which("git")
    if git is None or not (root / ".git").exists():
        return ""
    asked = [git, "-C", str(root), "rev-parse", "--short", "HEAD"]
    found = subprocess.run(asked, capture_output=True, text=True, check=False)  # noqa: S603 (no input of anybody's)
    return found.stdout.strip()
