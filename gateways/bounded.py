"""Answers that are read no further than they may be long."""

from typing import Final

import httpx

#: What asks for an answer that is not compressed: a small one could become a large one before anybody has measured it.
PLAIN: Final = {"Accept-Encoding": "identity"}


class Unreadable(Exception):
    """An answer that is not read to its end; says why as the end of a sentence about it."""


async def content_of(answer: httpx.Response, largest: int) -> bytes:
    """The bytes of a streamed answer as they came, at most ``largest``; raises ``Unreadable``."""
    if answer.headers.get("Content-Encoding", "identity") != "identity":
        raise Unreadable("is compressed, which was not asked for")
    content = bytearray()
    async for part in answer.aiter_raw():
        content += part
        if len(content) > largest:
            raise Unreadable("is too large")
    return bytes(content)
