"""The shop's own sender gets each mail's template and data beside its text; mails that are off stay here."""

from base64 import b64decode
from collections.abc import AsyncIterator, Iterator
from functools import partial

import pytest
from temporalio.testing import ActivityEnvironment

from activities.relays.mail import RelayActivities
from activities.shared.mails import Recipient, compose
from gateways.database.engine import Database
from gateways.database.messages import outbox
from gateways.database.tables.messages import outbox as table
from gateways.errors import Declined
from gateways.mail.http import HttpMailer
from gateways.mail.protocol import Attachment, Mail
from gateways.sandbox.carrier import SandboxCarrier
from lifecycle.contract.policy import Policy
from tests.gateways.partner_requests import NOW
from tests.gateways.stand_ins import PATIENCE, Fault, Json, Refused, Request
from tests.own_systems.reference import SECRET, OwnSystems

TO = Recipient("customer@example.com", "Sample Customer")


@pytest.fixture
def sender() -> Iterator[OwnSystems]:
    stand_in = OwnSystems()
    with stand_in.running():
        yield stand_in


@pytest.fixture
async def mailer(sender: OwnSystems) -> AsyncIterator[HttpMailer]:
    made = HttpMailer(sender.url, SECRET, timeout=PATIENCE)
    yield made
    await made.close()


async def _put(database: Database, *templates: str) -> None:
    for number, template in enumerate(templates):
        values = {"return_id": "R-1", "failed": "refunded", "error": f"no {number}"}
        mail = compose(template, values, TO, record=f"R-{number}", key=f"k{number}", at=NOW)
        await database.write(partial(outbox.put, mail=mail))


async def test_the_sender_gets_template_data_and_text_once(
    database: Database, sender: OwnSystems, mailer: HttpMailer
) -> None:
    await _put(database, "mail_failed")
    sender.faults.append(Fault("POST /mails", "after"))
    relay = RelayActivities(database, mailer, SandboxCarrier(database), lambda: Policy().shop)
    for _ in range(2):
        await ActivityEnvironment().run(relay._send_due)
        await database.write(lambda connection: connection.execute(table.update().values(next_attempt_at=None)))
    [mail] = sender.shop.mails.values()
    assert (mail["template"], mail["about"], mail["to"]["address"]) == ("mail_failed", "R-0", TO.address)
    assert mail["data"] == {"return_id": "R-1", "failed": "refunded", "error": "no 0"}
    assert "no 0" in mail["text"]
    assert len(sender.sent("POST", "/mails")) == 2
    assert await outbox.next_due(database, NOW, 10) == []


async def test_a_mail_that_is_off_is_kept_and_not_sent(
    database: Database, sender: OwnSystems, mailer: HttpMailer
) -> None:
    await _put(database, "mail_failed")
    off = RelayActivities(database, mailer, SandboxCarrier(database), lambda: Policy().shop, {"mail_failed"})
    assert await ActivityEnvironment().run(off._send_due) == 1
    assert await ActivityEnvironment().run(off._send_due) == 0
    [mail] = await outbox.mails_of(database, "R-0")
    assert mail["state"] == "off"
    assert sender.requests == []


async def test_a_file_goes_with_it(sender: OwnSystems, mailer: HttpMailer) -> None:
    async def label() -> Attachment:
        return Attachment("return-label.pdf", "application/pdf", b"%PDF\xff")

    await mailer.send(Mail(TO.address, TO.name, "Yours", "Here.", label), "k")
    [sent] = sender.shop.mails.values()
    assert (sent["attachment"]["filename"], b64decode(sent["attachment"]["content"])) == (
        "return-label.pdf",
        b"%PDF\xff",
    )


async def test_a_sender_that_refuses_for_good(
    sender: OwnSystems, mailer: HttpMailer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuses(_: Request) -> Json:
        raise Refused(422, {"error": {"message": "no such template"}})

    monkeypatch.setattr(sender, "answer", refuses)
    with pytest.raises(Declined) as caught:
        await mailer.send(Mail(TO.address, TO.name, "Yours", "Here."), "k")
    assert caught.value.code == "answered_422"
