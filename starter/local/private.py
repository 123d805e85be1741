"""Keeps a data directory from other users of the machine: it holds names, addresses and the signing secret."""

import os
from pathlib import Path
from stat import S_ISVTX
from typing import Final

#: What `homeward up` keeps there; whatever else lies beside it is not ours.
_OURS: Final = ("homeward.db*", "temporal.db*", "temporal.log", "local.json", "up.lock")


def keep_private(folder: Path) -> None:
    """Make the folder if need be, and let only its owner in (0700), its files included (0600).

    What belongs to another user, and a folder that is meant for all, such as /tmp, stays as it is.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if _is_mine(folder) and not folder.stat().st_mode & S_ISVTX:
        folder.chmod(0o700)
    for pattern in _OURS:
        for path in folder.glob(pattern):
            if _is_mine(path):
                path.chmod(0o600)


def _is_mine(path: Path) -> bool:
    return path.stat().st_uid == os.geteuid()
