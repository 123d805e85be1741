"""The relay takes a mail's file from the carrier, with its own name and type, and outlasts a slow mail server."""

import asyncio
from datetime import timedelta

import pytest
from temporalio.testing import ActivityEnvironment

from activities.relays import polling
from activities.relays.mail import RelayActivities
from gateways.database.engine import Database
from gateways.database.messages import outbox
from gateways.database.messages.outbox import OutboxMail
from gateways.mail.protocol import Attachment, Mail
from gateways.sandbox.carrier import SandboxCarrier
from lifecycle.contract.policy import Policy
from tests.gateways.partner_requests import NOW, label_order


class _Mailbox:
    """Keeps what it is handed, files and all."""

    def __init__(self) -> None:
        self.files: list[Attachment | None] = []

    async def send(self, mail: Mail, idempotency_key: str) -> None:
        self.files.append(await mail.attachment() if mail.attachment else None)


@pytest.mark.parametrize(
    ("way", "name", "kind", "begins"),
    [
        ("mail", "return-label.pdf", "application/pdf", b"%PDF"),
        ("drop_off", "drop-off-code.png", "image/png", b"\x89PNG"),
        (None, None, None, None),
    ],
)
async def test_a_mail_takes_its_file_along(
    database: Database, way: str | None, name: str | None, kind: str | None, begins: bytes | None
) -> None:
    carrier, mailbox = SandboxCarrier(database), _Mailbox()
    code = None
    if way == "mail":
        code = (await carrier.buy_return_label(label_order(), "k1")).tracking_code
    elif way == "drop_off":
        code = (await carrier.create_drop_off_code(label_order(), "k1")).tracking_code
    mail = OutboxMail("m1", "R-1", "customer@example.com", "Sample Customer", "label_sent", "Yours", "Here.", NOW, code)
    await database.write(lambda connection: outbox.put(connection, mail))
    relay = RelayActivities(database, mailbox, carrier, lambda: Policy().shop)
    assert await ActivityEnvironment().run(relay._send_due) == 1
    [file] = mailbox.files
    if file is None:
        assert name is None
    else:
        assert (file.filename, file.media_type, file.content[: len(begins or b"")]) == (name, kind, begins)
    assert await outbox.next_due(database, NOW, 10) == []


async def test_a_relay_that_waits_for_a_slow_mail_server_is_not_taken_for_dead(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(polling, "BEAT", timedelta(milliseconds=10))
    at_work, beats = ActivityEnvironment(), asyncio.Semaphore(0)
    at_work.on_heartbeat = lambda *_: beats.release()

    class Slow(_Mailbox):
        async def send(self, mail: Mail, idempotency_key: str) -> None:
            await super().send(mail, idempotency_key)
            for _ in range(5):
                await beats.acquire()
            at_work.worker_shutdown()

    mail = OutboxMail("m1", "R-1", "customer@example.com", "Sample Customer", "label_sent", "Yours", "Here.", NOW)
    await database.write(lambda connection: outbox.put(connection, mail))
    mailbox = Slow()
    relay = RelayActivities(database, mailbox, SandboxCarrier(database), lambda: Policy().shop)
    async with asyncio.timeout(20):
        await at_work.run(relay.relay_outbox)
    assert mailbox.files == [None]
