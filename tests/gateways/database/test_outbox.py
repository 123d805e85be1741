"""Mails leave once, in order for each return, and wait without losing their place."""

from datetime import timedelta

import pytest
from sqlalchemy import Connection

from gateways.database.engine import Database
from gateways.database.messages import outbox
from gateways.database.messages.outbox import OutboxMail
from tests.gateways.partner_requests import NOW


async def _put(database: Database, *names: str) -> None:
    """Mails by ``RETURN/TEMPLATE``."""
    for name in names:
        return_id, template = name.split("/")
        mail = OutboxMail(
            key=name,
            return_id=return_id,
            to="customer@example.com",
            recipient_name="Sample Customer",
            template=template,
            subject="Your return",
            text="On its way.",
            at=NOW,
        )
        await database.write(lambda connection, mail=mail: outbox.put(connection, mail))  # type: ignore[misc]


async def _due(database: Database, *, after: timedelta = timedelta(0), limit: int = 10) -> list[str]:
    return [row.key for row in await outbox.next_due(database, NOW + after, limit)]


async def test_the_oldest_of_each_return_is_due(database: Database) -> None:
    await _put(database, "R-1/label", "R-2/label", "R-1/refunded", "R-2/refunded")
    assert await _due(database) == ["R-1/label", "R-2/label"]
    assert await _due(database, limit=1) == ["R-1/label"]
    first = (await outbox.next_due(database, NOW, 1))[0]
    await outbox.mark_sent(database, [first.id], NOW)
    assert await _due(database) == ["R-2/label", "R-1/refunded"]


async def test_the_same_key_is_one_mail(database: Database) -> None:
    await _put(database, "R-1/label", "R-1/label")
    assert len(await outbox.mails_of(database, "R-1")) == 1


async def test_a_mail_that_waits_keeps_later_ones_of_its_return_back(database: Database) -> None:
    await _put(database, "R-1/label", "R-1/refunded", "R-2/label")
    first = (await outbox.next_due(database, NOW, 1))[0]
    await outbox.mark_failed(database, first.id, NOW + timedelta(minutes=5), "451", final=False)
    assert await _due(database) == ["R-2/label"]
    assert await _due(database, after=timedelta(minutes=5)) == ["R-1/label", "R-2/label"]
    again = (await outbox.next_due(database, NOW + timedelta(minutes=5), 1))[0]
    assert (again.key, again.attempts) == ("R-1/label", 1)


async def test_a_mail_that_failed_for_good_lets_the_next_one_go(database: Database) -> None:
    await _put(database, "R-1/label", "R-1/refunded")
    first = (await outbox.next_due(database, NOW, 1))[0]
    await outbox.mark_failed(database, first.id, None, "550", final=True)
    assert await _due(database) == ["R-1/refunded"]


async def test_mails_are_shown_with_what_became_of_them(database: Database) -> None:
    await _put(database, "R-1/label", "R-1/refunded", "R-2/label")
    first = (await outbox.next_due(database, NOW, 1))[0]
    await outbox.mark_sent(database, [first.id], NOW)
    mails = await outbox.mails_of(database, "R-1")
    assert [(mail["template"], mail["state"]) for mail in mails] == [("label", "sent"), ("refunded", "queued")]
    assert set(mails[0]) == {"at", "to", "template", "subject", "text", "state"}
    assert mails[0]["at"] == NOW


async def test_a_mail_leaves_with_its_transaction_only(database: Database) -> None:
    mail = OutboxMail("k", "R-1", "customer@example.com", "Sample Customer", "label", "Your return", "Text.", NOW)

    def put_and_fail(connection: Connection) -> None:
        outbox.put(connection, mail)
        raise RuntimeError

    with pytest.raises(RuntimeError):
        await database.write(put_and_fail)
    assert await outbox.mails_of(database, "R-1") == []


async def test_a_relay_that_comes_late_does_not_take_back_what_another_has_sent(database: Database) -> None:
    await _put(database, "R-1/label")
    first = (await outbox.next_due(database, NOW, 1))[0]
    await outbox.mark_sent(database, [first.id], NOW)
    word = OutboxMail("k", "R-1", "operations@example.com", "Shop", "mail_failed", "A mail failed", "Text.", NOW)
    await outbox.mark_failed(database, first.id, NOW, "timeout", final=False)
    await outbox.mark_failed(database, first.id, None, "550", final=True, instead=word)
    assert [(mail["template"], mail["state"]) for mail in await outbox.mails_of(database, "R-1")] == [("label", "sent")]
