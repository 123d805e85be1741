"""Homeward over HTTP: returns of a shop's customers, started, followed and settled.

``Homeward`` and ``AsyncHomeward`` have a method for each call of the API. What they take is in ``bodies``, what they
answer in ``answers``, what they raise in ``errors``.
"""

from homeward_client import answers, bodies, choices, errors, webhooks
from homeward_client._async_client import AsyncHomeward
from homeward_client._base import Document
from homeward_client._client import Homeward
from homeward_client.errors import HomewardError, NotVerified, ProblemError

__all__ = [
    "AsyncHomeward",
    "Document",
    "Homeward",
    "HomewardError",
    "NotVerified",
    "ProblemError",
    "answers",
    "bodies",
    "choices",
    "errors",
    "webhooks",
]
