"""Repeats: the same ``Idempotency-Key`` is the same call, and does what it does once."""

from datetime import UTC, datetime
from hashlib import sha256
from typing import Annotated
from uuid import uuid4

from fastapi import Depends, Header, Request
from pydantic import BaseModel

from gateways.database.idempotency import Asked, reserve
from starter.api.shared.api_keys import Caller
from starter.shared.services import Services

_Key = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=255,
        pattern=r"^[\x21-\x7e]+$",
        description="Any text of yours; the same again is the same call, with another body it is refused.",
    ),
]


class Repeatable:
    """What makes one call the same as another."""

    def __init__(self, request: Request, key: str | None) -> None:
        self._call = f"{request.method} {request.url.path}"
        self._key = key

    async def return_id(self, services: Services, caller: Caller, content: BaseModel, return_id: str) -> str:
        """The return that this call is about: the one that its key was first used for, else this one.

        Raises ``KeyReused`` when the key came with another call.
        """
        if self._key is None:
            return return_id
        # Without defaults: a field that a later version adds makes no other call of this one.
        text = f"{self._call}\n{content.model_dump_json(exclude_defaults=True)}"
        asked = Asked(caller.name, self._key, sha256(text.encode()).hexdigest())
        return await reserve(services.db, asked, return_id, datetime.now(UTC))

    async def act_id(self, services: Services, caller: Caller, content: BaseModel) -> str:
        """The id of what this call does, the same for its repeats and new without a key; raises ``KeyReused``."""
        return await self.return_id(services, caller, content, uuid4().hex)

    def request_id(self, caller: Caller) -> str:
        """What the update's id is made of; empty without a key. Two callers' keys are never the same."""
        if self._key is None:
            return ""
        return f"{caller.name}.{self._key}" if caller.name else self._key


async def _repeatable(request: Request, key: _Key = None) -> Repeatable:
    return Repeatable(request, key)


#: What a call asks for to know repeats of itself.
Repeats = Annotated[Repeatable, Depends(_repeatable)]
