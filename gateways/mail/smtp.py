"""Mail over SMTP."""

import asyncio
import hashlib
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from typing import Final
from urllib.parse import unquote, urlsplit

import aiosmtplib

from gateways.errors import Declined, GatewayError, Unavailable
from gateways.mail.protocol import Mail
from lifecycle.contract.mailboxes import Mailbox, mailbox_of

#: Signs that part addresses in a header: quoted, they lose their quotes where a long name is folded (Python 3.11).
_PARTING: Final = str.maketrans(dict.fromkeys('<>()[]@,;:"\\', " "))


class SmtpMailer:
    """Speaks to one server, named by ``smtp://[USER:PASSWORD@]HOST:PORT`` or ``smtps://...``.

    A password is sent under TLS alone: with ``smtp://`` the server has to offer STARTTLS then. In seconds, ``timeout``
    is for each answer of the server and ``within`` for all of them until it has the mail.
    """

    def __init__(self, url: str, mail_from: str, timeout: float = 20.0, within: float = 60.0) -> None:
        parts = urlsplit(url)
        self._from = mail_from
        self._host = parts.hostname or "localhost"
        self._port = parts.port
        self._username = unquote(parts.username) if parts.username else None
        self._password = unquote(parts.password) if parts.password else None
        self._tls = parts.scheme == "smtps"
        self._timeout = timeout
        self._within = within

    async def send(self, mail: Mail, idempotency_key: str) -> None:
        """Hand one mail over: 4xx and lost connections may be tried again, 5xx never."""
        try:
            sender, recipient = mailbox_of(self._from), mailbox_of(mail.to)
            message = _message(mail, sender, recipient, idempotency_key)
        except ValueError as error:  # an invalid address is one
            raise Declined("the address or the subject cannot stand in a mail", "malformed") from error
        if mail.attachment is not None:
            file = await mail.attachment()
            maintype, _, subtype = file.media_type.partition("/")
            message.add_attachment(file.content, maintype=maintype, subtype=subtype, filename=file.filename)
        until = asyncio.get_running_loop().time() + self._within
        server = await self._connected(until)
        try:
            async with server, asyncio.timeout_at(until):
                # Not what a reader of the headers might take for more addresses.
                await server.send_message(message, sender=str(sender), recipients=[str(recipient)])
        except aiosmtplib.SMTPRecipientsRefused as error:
            raise _by_code(min(refused.code for refused in error.recipients)) from error
        except aiosmtplib.SMTPResponseException as error:
            raise _by_code(error.code) from error
        except aiosmtplib.SMTPNotSupported as error:
            why = "the mail server takes no other than ASCII letters before the @ (it has no SMTPUTF8)"
            raise Declined(why, "smtputf8") from error
        except UnicodeError as error:
            raise Declined("the mail cannot be written", "malformed") from error
        except (aiosmtplib.SMTPException, OSError) as error:
            raise Unavailable("the mail server does not answer", "connection_lost") from error

    async def _connected(self, until: float) -> aiosmtplib.SMTP:
        """A server that has let us in; nothing here, such as a wrong password, may cost a customer the mail."""
        server = aiosmtplib.SMTP(
            hostname=self._host,
            port=self._port,
            username=self._username,
            password=self._password,
            use_tls=self._tls,
            start_tls=True if self._username and not self._tls else None,
            timeout=self._timeout,
        )
        try:
            async with asyncio.timeout_at(until):
                await server.connect()
        except aiosmtplib.SMTPResponseException as error:
            raise Unavailable("the mail server does not let us in", str(error.code)) from error
        except (aiosmtplib.SMTPException, OSError) as error:
            if self._username and type(error) is aiosmtplib.SMTPException:  # what has a kind of its own is another
                raise Unavailable("the mail server offers no TLS, which a password needs", "no_tls") from error
            raise Unavailable("the mail server does not answer", "connection_lost") from error
        return server


def _message(mail: Mail, sender: Mailbox, recipient: Mailbox, key: str) -> EmailMessage:
    """Raises ``ValueError`` for what cannot stand in a header."""
    message = EmailMessage()
    message["Message-ID"] = f"<{hashlib.sha256(key.encode()).hexdigest()[:32]}@{sender.domain}>"
    message["Date"] = datetime.now(UTC)
    message["From"] = Address(username=sender.local, domain=sender.domain)
    message["To"] = Address(_shown(mail.recipient_name), recipient.local, recipient.domain)
    message["Subject"] = mail.subject
    message.set_content(mail.text)
    return message


def _shown(name: str) -> str:
    """The name without what a reader of the header could take for more addresses."""
    return " ".join(part for part in name.translate(_PARTING).split(" ") if part)


def _by_code(code: int) -> GatewayError:
    """SMTP's own classes (RFC 5321, 4.2.1): 4yz is for now, 5yz is for good."""
    if code >= 500:
        return Declined("the mail server refused the mail", str(code))
    return Unavailable("the mail server asks to try again later", str(code))
