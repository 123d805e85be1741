"""What choices, answers and calls are made of."""

from enum import StrEnum
from typing import Any, NamedTuple, Self
from urllib.parse import quote

import httpx
from pydantic import BaseModel, ConfigDict


class Choice(StrEnum):
    """A text out of a list. One that a newer Homeward has added is taken as it is, and equals its text."""

    @classmethod
    def _missing_(cls, value: object) -> Self | None:
        if not isinstance(value, str):
            return None
        unknown = str.__new__(cls, value)
        unknown._name_ = unknown._value_ = value
        return unknown


class Shape(BaseModel):
    """What was answered; it cannot be changed."""

    model_config = ConfigDict(frozen=True, extra="allow", protected_namespaces=())


class Document(NamedTuple):
    """A file: its media type, such as ``application/pdf``, and what is in it."""

    media_type: str
    content: bytes

    @classmethod
    def of(cls, answer: httpx.Response) -> Self:
        """The file that was answered."""
        return cls(answer.headers.get("Content-Type", "application/octet-stream"), answer.content)


def part(text: str) -> str:
    """One part of a path, whatever is in it."""
    return quote(text, safe="")


def given(query: dict[str, Any]) -> dict[str, Any]:
    """A query without what was left out; moments as ISO 8601."""
    return {
        name: value.isoformat() if hasattr(value, "isoformat") else value
        for name, value in query.items()
        if value is not None
    }
