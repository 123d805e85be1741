"""What an examination says of each kind of database."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from gateways.database.engine import Database
from gateways.database.messages import inbox, outbox
from gateways.database.messages.outbox import OutboxMail
from gateways.database.returns import records
from gateways.database.returns.orphans import Orphan, keep_orphan
from gateways.webhook_protocol import PartnerEvent
from lifecycle.contract.messages import TrackingEvent, TrackingStatus
from lifecycle.contract.statuses import Status
from starter.doctor.books import examine_database
from starter.doctor.finding import Finding
from tests.lifecycle.orders import request

NOW = datetime.now(UTC)
MAIL = OutboxMail(
    key="R-1/label",
    return_id="R-1",
    to="customer@example.com",
    recipient_name="A Customer",
    template="label_sent",
    subject="Your label",
    text="Here it is.",
    at=NOW - timedelta(hours=2),
)


async def _found(database: Database) -> dict[str, Finding]:
    return {found.check: found async for found in examine_database(database, ["shop"], NOW)}


async def test_a_database_in_order_has_nothing_wrong(database: Database) -> None:
    found = await _found(database)
    assert {one.state for one in found.values()} == {"ok"}
    assert set(found) >= {"database", "mails", "webhooks", "events to shop", "orphans"}
    assert ("disk" in found) == database.sqlite
    assert ("clock" in found) == ("connections" in found) != database.sqlite


async def test_what_waits_too_long_is_told_with_its_age(database: Database) -> None:
    fresh = replace(MAIL, key="R-1/other", at=NOW)
    await database.write(lambda connection: [outbox.put(connection, mail) for mail in (MAIL, fresh)])
    scan = TrackingEvent(tracking_code="T-1", event_id="E-1", status=TrackingStatus.DELIVERED, at=NOW)
    incoming = PartnerEvent("easypost", "E-1", "tracking", scan)
    old = NOW - timedelta(minutes=20)
    await database.write(lambda connection: inbox.keep(connection, incoming, old, old))

    found = await _found(database)
    assert (found["mails"].state, found["mails"].text) == ("warning", "waiting: 2, the oldest for 120 min")
    assert (found["webhooks"].state, found["webhooks"].text) == ("warning", "waiting: 1, the oldest for 20 min")


async def test_a_return_that_nothing_carries_fails_the_examination(database: Database) -> None:
    await database.write(
        lambda connection: records.insert_return(
            connection, "R-1", request(), policy={}, status=Status.REQUESTED, at=NOW
        )
    )
    assert await keep_orphan(database, Orphan("R-1", "SO-1", NOW, "terminated", "received", None, escalated=False))
    found = await _found(database)
    assert (found["orphans"].state, found["orphans"].text) == ("failed", "carried by no workflow: 1")
