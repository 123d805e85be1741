"""Ids that are made up."""

from datetime import UTC, datetime
from uuid import uuid4


def new_return_id() -> str:
    """An id for a request that brings none: the day, and enough chance never to meet another."""
    return f"R-{datetime.now(UTC):%y%m%d}-{uuid4().hex[:10]}"
