"""Passwords of staff: hashed by Argon2id, and compared in the same time whether there is one or not."""

import asyncio
import unicodedata
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property, partial
from secrets import token_urlsafe
from typing import Final, TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

T = TypeVar("T")
#: Characters; a sentence of a few words has as many. The most that is hashed.
SHORTEST, LONGEST = 12, 200
_LEAST_DIFFERENT: Final = 6
#: Each hash takes 64 MiB while it is made: so many at once, whoever asks.
_THREADS: Final = ThreadPoolExecutor(2, "passwords")


class Passwords:
    """Makes and compares hashes; ``hasher`` says what that costs, by default what RFC 9106 advises."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher()

    async def hash(self, password: str) -> str:
        """What is kept of a password."""
        return await _beside(partial(self._hasher.hash, _plain(password)))

    async def matches(self, password: str, kept: str | None) -> bool:
        """Whether it is the one that was hashed; False for none, after the same time."""
        nobodys = await _beside(lambda: self._nobodys)
        return await _beside(partial(self._verify, password, kept or nobodys)) and kept is not None

    def is_old(self, kept: str) -> bool:
        """Whether it was made at another cost than passwords are now."""
        return self._hasher.check_needs_rehash(kept)

    def _verify(self, password: str, kept: str) -> bool:
        try:
            return self._hasher.verify(kept, _plain(password))
        except (VerificationError, InvalidHashError):
            return False

    @cached_property
    def _nobodys(self) -> str:
        return self._hasher.hash(token_urlsafe())


async def _beside(work: Callable[[], T]) -> T:
    return await asyncio.get_running_loop().run_in_executor(_THREADS, work)


def _plain(password: str) -> str:
    """The same however a keyboard spells it, and no longer than anybody needs."""
    return unicodedata.normalize("NFKC", password)[:LONGEST]


def is_weak(password: str, *known: str) -> bool:
    """Whether it is too short, of too few characters, or holds what is ``known`` of its owner."""
    plain = _plain(password).casefold()
    told = (word.casefold() for word in known if len(word) > 3)
    return len(plain) < SHORTEST or len(set(plain)) < _LEAST_DIFFERENT or any(word in plain for word in told)
