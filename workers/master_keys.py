"""Master keys, from a file or a command: they encrypt the data keys in the database, and nothing else."""

import re
import shlex
import subprocess
from base64 import b64decode, b64encode
from binascii import Error
from collections.abc import Mapping
from dataclasses import dataclass
from os import urandom
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from workers.settings import SettingsError

_VARIABLE: Final = "HOMEWARD_ENCRYPTION_KEYS"
_COMMAND: Final = "command:"
#: Seconds that a command may take.
_PATIENCE: Final = 10
_LINE: Final = re.compile(r"([A-Za-z0-9_.-]{1,40}):([A-Za-z0-9+/]+=*)")
_BYTES: Final = 32
_NONCE: Final = 12


class UnknownMasterKeyError(Exception):
    """A data key was wrapped by a master key that is not there, or is another than it was; the message names it."""


@dataclass(frozen=True)
class MasterKeys:
    """``current`` wraps what is new; the others open what was wrapped before."""

    current: str
    by_id: Mapping[str, AESGCM]

    def wrap(self, data_key: bytes, key_id: str) -> str:
        """Encrypt a data key for the database, by the current master key."""
        nonce = urandom(_NONCE)
        return b64encode(nonce + self.by_id[self.current].encrypt(nonce, data_key, key_id.encode())).decode()

    def unwrap(self, wrapped: str, master: str, key_id: str) -> bytes:
        """The data key; raises ``UnknownMasterKeyError``."""
        kept = b64decode(wrapped)
        try:
            return self.by_id[master].decrypt(kept[:_NONCE], kept[_NONCE:], key_id.encode())
        except (KeyError, InvalidTag):
            raise UnknownMasterKeyError(f"the master key {master} of {_VARIABLE} is not there, or another") from None


def load_master_keys(source: str) -> MasterKeys:
    """Read them: lines ``ID:BASE64`` of 32 bytes each, the first is the current one. Raises ``SettingsError``."""
    found: dict[str, AESGCM] = {}
    for line in _read(source).splitlines():
        if text := line.partition("#")[0].strip():
            name, key = _parsed(text)
            if name in found:
                raise SettingsError(f"{_VARIABLE}: expected each id once, {name} comes twice")
            found[name] = key
    if not found:
        raise SettingsError(f"{_VARIABLE}: expected at least one line ID:BASE64")
    return MasterKeys(next(iter(found)), found)


def _read(source: str) -> str:
    try:
        if not source.startswith(_COMMAND):
            return Path(source).read_text()
        words = shlex.split(source.removeprefix(_COMMAND))
        done = subprocess.run(words, capture_output=True, text=True, timeout=_PATIENCE, check=True)  # noqa: S603 (an operator's own)
        return done.stdout
    except (OSError, ValueError, subprocess.SubprocessError) as error:
        # Not its output: that may be keys.
        raise SettingsError(f"{_VARIABLE}: expected keys, got {type(error).__name__} from what it names") from None


def _parsed(text: str) -> tuple[str, AESGCM]:
    parts = _LINE.fullmatch(text)
    try:
        key = b64decode(parts[2], validate=True) if parts else b""
    except Error:
        key = b""
    if not parts or len(key) != _BYTES:
        raise SettingsError(f"{_VARIABLE}: expected lines ID:BASE64, of {_BYTES} random bytes each")
    return parts[1], AESGCM(key)
