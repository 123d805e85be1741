"""Steps that fail for good call operations: one mail to operations for each kind of step, however many wait."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Literal

from pydantic import AwareDatetime, BaseModel
from sqlalchemy import Connection
from temporalio import activity

from activities.shared.effects import Effects, StepInput
from activities.shared.mails import compose, operations
from gateways.database.engine import Database
from gateways.database.messages.digests import Digest, add_to_digest
from gateways.database.messages.outbox import OutboxMail, put_anew
from lifecycle.contract.policy import Shop

Journey = Literal["return", "repair", "supplier", "support"]
_NUMBER = re.compile(r"-\d+$")


class FailedStep(BaseModel):
    """A step that waits for an operator, and why, in our own words."""

    step: str
    error: str


class CallOperationsInput(BaseModel):
    """``what`` waits, as an operator names it; ``record`` and ``step`` are those of the ledger."""

    journey: Journey
    record: str
    step: str
    what: str
    waiting: list[FailedStep]
    now: AwareDatetime


class AttentionActivities:
    """Writes to operations; ``clock`` is the one that the outbox is sent by."""

    def __init__(
        self, database: Database, shop: Callable[[], Shop], clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._effects = Effects(database, "records")
        self._shop = shop
        self._clock = clock

    @activity.defn
    async def call_operations(self, given: CallOperationsInput) -> None:
        """Name steps in the next mail about their kind, which lists all that fail until it goes out."""
        shop, now = self._shop(), self._clock()

        def apply(connection: Connection) -> None:
            for one in given.waiting:
                kind = _kind(given.journey, one.step)
                put_anew(connection, _mail(add_to_digest(connection, kind, given.what, one.error, now), given, shop))

        waiting = [one.model_dump() for one in given.waiting]
        step = StepInput(return_id=given.record, step=given.step, now=given.now)
        await self._effects.in_database(step, {"what": given.what, "waiting": waiting}, apply)


def _kind(journey: Journey, step: str) -> str:
    """What one mail is about: a kind of step, of one kind of journey."""
    plain = _NUMBER.sub("", step)[:60]
    return plain if journey == "return" else f"{journey}/{plain}"


def _mail(digest: Digest, given: CallOperationsInput, shop: Shop) -> OutboxMail:
    values = {"journey": given.journey, "step": digest.kind, "count": digest.count, "named": digest.named}
    record, due = f"attention:{digest.kind}", digest.due_at
    key = f"{record}/{due.isoformat()}"
    return compose("attention", values, operations(shop), record=record, key=key, at=due, due=due)
