"""Ids that are made up: the day, and enough chance never to meet another."""

from datetime import UTC, datetime
from uuid import uuid4


def new_return_id() -> str:
    """For a request that brings none."""
    return f"R-{datetime.now(UTC):%y%m%d}-{uuid4().hex[:10]}"


def new_case_id() -> str:
    """For a question that brings none."""
    return f"S-{datetime.now(UTC):%y%m%d}-{uuid4().hex[:10]}"
