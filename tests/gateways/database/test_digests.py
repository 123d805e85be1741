"""Steps that failed for good: one mail to operations for each kind, not one for each return."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from temporalio.testing import ActivityEnvironment

from activities.shared.attention import AttentionActivities, CallOperationsInput, FailedStep, Journey
from gateways.database.engine import Database
from gateways.database.messages import outbox
from gateways.database.tables.messages import outbox as mails
from lifecycle.contract.policy import Shop

NOW = datetime(2026, 3, 16, 9, tzinfo=UTC)
QUARTER = timedelta(minutes=15)


class Operations:
    """Whoever is called, and when."""

    def __init__(self, database: Database) -> None:
        self.database, self.now = database, NOW
        self._calls = AttentionActivities(database, Shop, lambda: self.now)

    async def call(
        self, what: str, step: str = "label", *, error: str = "the partner refused", journey: Journey = "return"
    ) -> None:
        """One step of one return, repair, supplier or question failed for good."""
        given = CallOperationsInput(
            journey=journey,
            record=what,
            step="call_operations",
            what=what,
            waiting=[FailedStep(step=step, error=error)],
            now=NOW,
        )
        await ActivityEnvironment().run(self._calls.call_operations, given)

    async def mails(self) -> list[dict[str, Any]]:
        """All mails, oldest first."""
        statement = select(mails).order_by(mails.c.id)
        return await self.database.read(lambda db: [dict(row) for row in db.execute(statement).mappings()])

    async def send(self) -> list[str]:
        """What goes out now, by subject."""
        due = await outbox.next_due(self.database, self.now, 50)
        if due:
            await outbox.mark_sent(self.database, [row.id for row in due], self.now)
        return [row.subject for row in due]


@pytest.fixture
def operations(database: Database) -> Operations:
    return Operations(database)


async def test_two_hundred_returns_in_one_outage_are_one_mail(operations: Operations) -> None:
    await asyncio.gather(*(operations.call(f"R-{number}") for number in range(200)))
    [mail] = await operations.mails()
    assert mail["to"] == "operations@example.com"
    assert mail["subject"] == "200 returns need an operator: label"
    assert "the partner refused" in mail["text"]
    assert "and 190 more" in mail["text"]
    assert sum(f"R-{number}:" in mail["text"] for number in range(200)) == 10
    assert await operations.send() == []
    operations.now += timedelta(minutes=1)
    assert await operations.send() == ["200 returns need an operator: label"]


async def test_those_that_come_later_are_in_the_next_mail_a_quarter_of_an_hour_after(operations: Operations) -> None:
    await operations.call("R-1")
    operations.now += timedelta(minutes=1)
    assert await operations.send() == ["1 return needs an operator: label"]
    await operations.call("R-2")
    operations.now += timedelta(minutes=9)
    await operations.call("R-3")
    assert await operations.send() == []
    operations.now = NOW + QUARTER + timedelta(minutes=1)
    assert await operations.send() == ["2 returns need an operator: label"]
    [_, second] = await operations.mails()
    assert "R-1:" not in second["text"]


async def test_kinds_of_step_are_distinguished_but_not_their_numbers(operations: Operations) -> None:
    await operations.call("R-1", "label")
    await operations.call("R-2", "refund")
    await operations.call("S-1", "keep-2", journey="support")
    await operations.call("S-2", "keep-7", journey="support")
    await operations.call("R-3 1-1", "mail", journey="repair")
    await operations.call("R-4", "mail")
    assert [mail["subject"] for mail in await operations.mails()] == [
        "1 return needs an operator: label",
        "1 return needs an operator: refund",
        "2 questions need an operator: support/keep",
        "1 repair needs an operator: repair/mail",
        "1 return needs an operator: mail",
    ]


async def test_sent_twice_it_counts_once(operations: Operations) -> None:
    for _ in range(3):
        await operations.call("R-1")
    [mail] = await operations.mails()
    assert mail["subject"] == "1 return needs an operator: label"


async def test_a_mail_that_has_gone_out_is_not_written_again(operations: Operations) -> None:
    await operations.call("R-1")
    [before] = await operations.mails()
    operations.now += timedelta(minutes=1)
    await operations.send()
    await operations.call("R-2")
    [after, _] = await operations.mails()
    assert (after["text"], after["state"]) == (before["text"], "sent")
