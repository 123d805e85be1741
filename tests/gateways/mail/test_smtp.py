"""Mail over SMTP, against a real server in a thread."""

import asyncio
import shutil
import ssl
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from email import message_from_bytes
from email.policy import SMTP as SMTP_POLICY
from email.policy import compat32, default
from email.utils import getaddresses
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from hypothesis import given, settings
from hypothesis.strategies import characters, one_of, sampled_from, text
from temporalio.testing import ActivityEnvironment

from activities.relays.mail import RelayActivities
from gateways.database.engine import Database
from gateways.database.messages import outbox
from gateways.database.messages.outbox import OutboxMail
from gateways.errors import Declined, Unavailable
from gateways.mail.protocol import Attachment, Mail
from gateways.mail.smtp import SmtpMailer, _message
from gateways.sandbox.carrier import SandboxCarrier
from lifecycle.contract.mailboxes import mailbox_of
from lifecycle.contract.policy import Policy
from tests.gateways.partner_requests import NOW
from tests.gateways.postgresql import free_port


class Inbox:
    """Keeps what comes; says what it is told to."""

    def __init__(self) -> None:
        self.mails: list[bytes] = []
        self.to: list[str] = []
        self.sender: str | None = None
        self.answer_to_recipient = "250 OK"
        self.answer_to_data = "250 OK"

    async def handle_RCPT(  # noqa: N802  aiosmtpd's name
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        self.sender = envelope.mail_from
        if self.answer_to_recipient.startswith("250"):
            envelope.rcpt_tos.append(address)
            self.to.append(address)
        return self.answer_to_recipient

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        if self.answer_to_data.startswith("250"):
            assert isinstance(envelope.content, bytes)
            self.mails.append(envelope.content)
        return self.answer_to_data


@pytest.fixture(scope="module")
def server() -> Iterator[Controller]:
    controller = Controller(Inbox(), hostname="127.0.0.1", port=free_port(), enable_SMTPUTF8=True)
    controller.start()
    yield controller
    controller.stop()


@pytest.fixture
def inbox(server: Controller) -> Inbox:
    inbox: Inbox = server.handler
    inbox.__init__()  # type: ignore[misc]
    return inbox


@pytest.fixture
def mailer(server: Controller) -> SmtpMailer:
    return SmtpMailer(f"smtp://127.0.0.1:{server.port}", "returns@example.com")


async def _label() -> Attachment:
    return Attachment("return-label.pdf", "application/pdf", b"%PDF-1.4")


async def _code() -> Attachment:
    return Attachment("drop-off-code.png", "image/png", b"PNG")


MAIL = Mail(to="customer@example.com", recipient_name="Zoë Sample", subject="Your return", text="Größe 42.\n")


async def test_a_mail_arrives_whole(mailer: SmtpMailer, inbox: Inbox) -> None:
    mail = Mail(MAIL.to, MAIL.recipient_name, MAIL.subject, MAIL.text, _label)
    await mailer.send(mail, "return-R-1/label")
    assert inbox.to == ["customer@example.com"]
    got = message_from_bytes(inbox.mails[0], policy=default)
    body = got.get_body()
    assert got["Date"].datetime.utcoffset() == timedelta(0)
    assert body is not None
    assert (got["From"], got["Subject"]) == ("returns@example.com", "Your return")
    assert body.get_content().splitlines() == ["Größe 42."]
    assert got["To"].addresses[0].display_name == "Zoë Sample"
    attached = [(part.get_filename(), part.get_content()) for part in got.iter_attachments()]
    assert attached == [("return-label.pdf", b"%PDF-1.4")]


async def test_a_file_of_another_kind_keeps_its_type(mailer: SmtpMailer, inbox: Inbox) -> None:
    await mailer.send(Mail(MAIL.to, MAIL.recipient_name, MAIL.subject, MAIL.text, _code), "return-R-1/code")
    [part] = message_from_bytes(inbox.mails[0], policy=default).iter_attachments()
    assert (part.get_content_type(), part.get_filename()) == ("image/png", "drop-off-code.png")
    assert part.get_content() == b"PNG"


async def test_a_repeat_can_be_recognised(mailer: SmtpMailer, inbox: Inbox) -> None:
    for key in ("return-R-1/label", "return-R-1/label", "return-R-2/label"):
        await mailer.send(MAIL, key)
    first, again, other = (message_from_bytes(mail)["Message-ID"] for mail in inbox.mails)
    assert first == again != other


@pytest.mark.parametrize(
    ("step", "answer", "error"),
    [
        ("answer_to_recipient", "451 try later", Unavailable),
        ("answer_to_recipient", "550 customer@example.com unknown", Declined),
        ("answer_to_data", "451 try later", Unavailable),
        ("answer_to_data", "554 no", Declined),
    ],
)
async def test_a_refusal_is_for_now_or_for_good(
    mailer: SmtpMailer, inbox: Inbox, step: str, answer: str, error: type[Exception]
) -> None:
    setattr(inbox, step, answer)
    with pytest.raises(error) as refused:
        await mailer.send(MAIL, "k")
    assert type(refused.value) is error
    assert "customer@example.com" not in str(refused.value)


async def test_a_server_out_of_reach_may_be_tried_again() -> None:
    with pytest.raises(Unavailable):
        await SmtpMailer("smtp://127.0.0.1:1", "returns@example.com").send(MAIL, "k")


@pytest.mark.parametrize(
    "mail", [Mail("c@example.com", "A\nB", "s", "t"), Mail("c@example.com", "A", "s\r\nBcc: x", "t")]
)
async def test_what_cannot_stand_in_a_mail_is_refused_for_good(mail: Mail) -> None:
    with pytest.raises(Declined):
        await SmtpMailer("smtp://127.0.0.1:1", "shop@example.com").send(mail, "k1")


async def test_a_mail_that_the_server_has_is_sent_though_it_never_says_goodbye() -> None:
    class Rude(Inbox):
        async def handle_QUIT(self, *_: object) -> str:  # noqa: N802
            await asyncio.sleep(1)
            return "221 bye"

    controller = Controller(Rude(), hostname="127.0.0.1", port=free_port())
    controller.start()
    try:
        await SmtpMailer(f"smtp://127.0.0.1:{controller.port}", "returns@example.com", timeout=0.5).send(MAIL, "k")
    finally:
        controller.stop()
    assert len(controller.handler.mails) == 1


class Porter:
    """Lets in who knows the password, and keeps what it was told."""

    def __init__(self) -> None:
        self.heard: list[object] = []

    def __call__(
        self, _server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, told: LoginPassword
    ) -> AuthResult:
        self.heard.append(told.password)
        if told.password == b"right":
            return AuthResult(success=True)
        return AuthResult(success=False, handled=False, message="535 5.7.8 wrong")


@contextmanager
def asking_for_a_password(porter: Porter, tls: ssl.SSLContext | None) -> Iterator[Controller]:
    controller = Controller(
        Inbox(),
        hostname="127.0.0.1",
        port=free_port(),
        authenticator=porter,
        auth_require_tls=False,
        tls_context=tls,
    )
    controller.start()
    try:
        yield controller
    finally:
        controller.stop()


@pytest.fixture
def tls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ssl.SSLContext:
    """A server's certificate of this test's own, which is believed."""
    if not (openssl := shutil.which("openssl")):
        pytest.skip("no openssl to make a certificate with")
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    made = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1"]
    files = ["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(key), "-out", str(certificate)]
    subprocess.run([openssl, *made, *files], check=True, capture_output=True)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    return context


async def test_a_password_is_never_sent_in_the_clear() -> None:
    porter = Porter()
    with asking_for_a_password(porter, None) as server:
        mailer = SmtpMailer(f"smtp://shop:right@127.0.0.1:{server.port}", "returns@example.com")
        with pytest.raises(Unavailable) as caught:
            await mailer.send(MAIL, "k")
    assert (caught.value.code, porter.heard, server.handler.mails) == ("no_tls", [], [])


async def test_a_password_is_sent_under_tls(tls: ssl.SSLContext) -> None:
    porter = Porter()
    with asking_for_a_password(porter, tls) as server:
        await SmtpMailer(f"smtp://shop:right@127.0.0.1:{server.port}", "returns@example.com").send(MAIL, "k")
    assert (porter.heard, len(server.handler.mails)) == ([b"right"], 1)


async def test_a_wrong_password_costs_nobody_a_mail(tls: ssl.SSLContext) -> None:
    porter = Porter()
    with asking_for_a_password(porter, tls) as server:
        mailer = SmtpMailer(f"smtp://shop:wrong@127.0.0.1:{server.port}", "returns@example.com")
        with pytest.raises(Unavailable) as caught:
            await mailer.send(MAIL, "k")
    assert (caught.value.code, set(porter.heard)) == ("535", {b"wrong"})


async def test_a_server_with_a_certificate_of_nobody_gets_no_password(
    tls: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")
    porter = Porter()
    with asking_for_a_password(porter, tls) as server:
        mailer = SmtpMailer(f"smtp://shop:right@127.0.0.1:{server.port}", "returns@example.com")
        with pytest.raises(Unavailable):
            await mailer.send(MAIL, "k")
    assert porter.heard == []


ODD = [
    "Müller, (Jörg) <x@y>",
    "a@b.example, c@d.example",
    """Ann "the <b>" O'Neil; x@y""",
    "grp: a@b.example;",
    "=?utf-8?q?x?= <evil@example.com>, y",
    "Sample, " * 12 + "Zoë",
    "(" * 20 + "\\" * 3,
    "محمد علي, <x@y>",
    "",
    "a" * 30 + " <x@y.example>, " + "b " * 20,
    "ab " * 8 + "<x@y.example>, c@d.example " + "ab " * 20,
]
PARTING = '<>()[]@,;:"\\'
TO = "customer@example.com"


def recipients_of(mail: bytes) -> list[tuple[str, str]]:
    """``(name, address)`` of everybody in the header ``To``, as two readers of it find them."""
    [to] = message_from_bytes(mail, policy=default).get_all("To", [])
    found = [(address.display_name, address.addr_spec) for address in to.addresses]
    plain = message_from_bytes(mail, policy=compat32)["To"]
    assert [address for _, address in getaddresses([plain])] == [address for _, address in found]
    return found


@pytest.mark.parametrize("name", ODD)
async def test_a_mail_has_one_recipient_whatever_the_name_holds(mailer: SmtpMailer, inbox: Inbox, name: str) -> None:
    await mailer.send(Mail(TO, name, "Your return", "Text."), "k")
    assert inbox.to == [TO]
    [(shown, address)] = recipients_of(inbox.mails[0])
    assert address == TO
    # The library that reads it puts a blank where a long name was folded, and decodes what looks encoded.
    kept = "".join(sign for sign in name.replace("=?utf-8?q?x?=", "x") if sign not in PARTING)
    assert "".join(shown.split()) == "".join(kept.split())


_SIGNS = one_of(sampled_from('Mü, (ö)<x@y>"\\;:.[]=?'), characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"]))


@settings(max_examples=200)
@given(name=text(_SIGNS, max_size=200))
def test_any_name_gives_one_recipient(name: str) -> None:
    message = _message(Mail(TO, name, "s", "t"), mailbox_of("returns@example.com"), mailbox_of(TO), "k")
    [(_, address)] = recipients_of(message.as_bytes(policy=SMTP_POLICY))
    assert address == TO


async def test_a_domain_in_other_letters_is_sent_in_ascii(server: Controller, inbox: Inbox) -> None:
    mailer = SmtpMailer(f"smtp://127.0.0.1:{server.port}", "returns@bücher.example")
    await mailer.send(Mail("zoe@münchen.example", "Zoë", "Your return", "Text."), "k")
    assert (inbox.sender, inbox.to) == ("returns@xn--bcher-kva.example", ["zoe@xn--mnchen-3ya.example"])
    got = message_from_bytes(inbox.mails[0], policy=default)
    assert got["To"].addresses[0].addr_spec == "zoe@xn--mnchen-3ya.example"
    assert str(got["From"]) == "returns@xn--bcher-kva.example"
    assert got["Message-ID"].endswith("@xn--bcher-kva.example>")


async def test_letters_before_the_at_go_to_a_server_that_takes_them(mailer: SmtpMailer, inbox: Inbox) -> None:
    await mailer.send(Mail("zoë@münchen.example", "Zoë", "Your return", "Text."), "k")
    assert inbox.to == ["zoë@xn--mnchen-3ya.example"]
    assert "zoë@xn--mnchen-3ya.example" in inbox.mails[0].decode()


@pytest.mark.parametrize("address", ["john,doe@example.com", "<a@example.com>", "grp:a@example.com;", "a@example.com,"])
async def test_what_is_no_single_address_is_refused_for_good(mailer: SmtpMailer, inbox: Inbox, address: str) -> None:
    with pytest.raises(Declined) as refused:
        await mailer.send(Mail(address, "John", "Your return", "Text."), "k")
    assert refused.value.code == "malformed"
    assert inbox.to == []


async def test_an_address_that_the_server_cannot_take_is_mailed_to_operations_at_once(database: Database) -> None:
    inbox = Inbox()
    controller = Controller(inbox, hostname="127.0.0.1", port=free_port(), enable_SMTPUTF8=False)
    controller.start()
    try:
        mailer = SmtpMailer(f"smtp://127.0.0.1:{controller.port}", "returns@example.com")
        mail = OutboxMail("m1", "R-1", "zoë@example.com", "Zoë", "label_sent", "Your return", "Text.", NOW)
        await database.write(lambda connection: outbox.put(connection, mail))
        relay = RelayActivities(database, mailer, SandboxCarrier(database), lambda: Policy().shop)
        for _ in range(2):
            assert await ActivityEnvironment().run(relay._send_due) == 1
    finally:
        controller.stop()
    assert inbox.to == ["operations@example.com"]
    assert b"SMTPUTF8" in inbox.mails[0]
    states = {row["template"]: row["state"] for row in await outbox.mails_of(database, "R-1")}
    assert states == {"label_sent": "failed", "mail_failed": "sent"}
