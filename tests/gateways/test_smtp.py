"""Mail over SMTP, against a real server in a thread."""

from collections.abc import Iterator
from datetime import timedelta
from email import message_from_bytes
from email.policy import default

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session

from gateways.errors import Declined, Unavailable
from gateways.mail.protocol import Attachment, Mail
from gateways.mail.smtp import SmtpMailer
from tests.gateways.postgresql import free_port


class Inbox:
    """Keeps what comes; says what it is told to."""

    def __init__(self) -> None:
        self.mails: list[bytes] = []
        self.to: list[str] = []
        self.answer_to_recipient = "250 OK"
        self.answer_to_data = "250 OK"

    async def handle_RCPT(  # noqa: N802  aiosmtpd's name
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
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
    controller = Controller(Inbox(), hostname="127.0.0.1", port=free_port())
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


async def test_a_wrong_password_costs_nobody_a_mail() -> None:
    def nobody(_server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, _data: object) -> AuthResult:
        return AuthResult(success=False, handled=False, message="535 5.7.8 wrong")

    controller = Controller(
        Inbox(), hostname="127.0.0.1", port=free_port(), authenticator=nobody, auth_require_tls=False
    )
    controller.start()
    try:
        with pytest.raises(Unavailable):
            await SmtpMailer(f"smtp://shop:wrong@127.0.0.1:{controller.port}", "returns@example.com").send(MAIL, "k")
    finally:
        controller.stop()


async def test_an_address_that_the_server_cannot_take_is_refused_for_good() -> None:
    controller = Controller(Inbox(), hostname="127.0.0.1", port=free_port(), enable_SMTPUTF8=False)
    controller.start()
    try:
        mail = Mail("zoë@example.com", "Zoë", "Your return", "Text.")
        with pytest.raises(Declined):
            await SmtpMailer(f"smtp://127.0.0.1:{controller.port}", "returns@example.com").send(mail, "k")
    finally:
        controller.stop()
