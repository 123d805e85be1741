"""Partners that answer without end: none holds a step, a page or a command longer than it is given."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from datetime import timedelta

import pytest

from client import http
from client.errors import Unreachable
from client.http import HttpHomeward
from gateways.carrier.easypost import EasyPostCarrier
from gateways.carrier.easypost_connection import Connection
from gateways.errors import Unavailable
from gateways.mail.protocol import Mail
from gateways.mail.smtp import SmtpMailer
from gateways.payment.stripe import StripePayments

#: Seconds that a call is given here; each part of the answer comes long before.
WITHIN = 0.5
#: Seconds, long enough for any machine: without a bound, none of them ends at all.
NEVER = 20.0

HEAD = b"HTTP/1.1 200 OK\r\nX: "
BODY = b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n"
CHUNKS = b"HTTP/1.1 200 OK\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n1;"


class Partner:
    """Sends the beginning of an answer, and then parts of it for ever."""

    def __init__(self, begins: bytes, part: bytes, every: float, speaks_first: bool) -> None:
        self.url = ""
        self.begins, self.part, self.every, self.speaks_first = begins, part, every, speaks_first
        #: Set once whoever asked has hung up.
        self.left = asyncio.Event()

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            if not self.speaks_first:
                await reader.read(1)
            writer.write(self.begins)
            while not reader.at_eof():
                writer.write(self.part)
                await writer.drain()
                with suppress(TimeoutError):
                    await asyncio.wait_for(reader.read(65_536), self.every)
        self.left.set()
        writer.close()


@asynccontextmanager
async def partner(
    begins: bytes, part: bytes = b"x", every: float = 0.02, speaks_first: bool = False
) -> AsyncIterator[Partner]:
    there = Partner(begins, part, every, speaks_first)
    server = await asyncio.start_server(there.answer, "127.0.0.1", 0)
    there.url = f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        async with asyncio.timeout(NEVER):
            yield there
    finally:
        server.close()


async def at_stripe(url: str, within: float) -> None:
    payments = StripePayments("sk_test_1", f"http://{url}", timeout=within)
    try:
        await payments.refund_status("re_1")
    finally:
        await payments.close()


async def at_easypost(url: str, within: float) -> None:
    await EasyPostCarrier("EZTK1", f"http://{url}/v2", within=within).find_shipment("R-1/label")


async def at_its_files(url: str, within: float) -> None:
    await Connection("EZTK1", None, NEVER, within).download(f"http://{url}/label.pdf")


CALLS = pytest.mark.parametrize("call", [at_stripe, at_easypost, at_its_files])
Call = Callable[[str, float], Awaitable[None]]


@CALLS
@pytest.mark.parametrize("begins", [HEAD, BODY, CHUNKS], ids=["head", "body", "chunks"])
async def test_a_partner_that_drips_is_not_waited_for(call: Call, begins: bytes) -> None:
    async with partner(begins) as dripping:
        with pytest.raises(Unavailable):
            await call(dripping.url, WITHIN)
        await dripping.left.wait()


@CALLS
async def test_an_answer_without_end_is_not_kept(call: Call) -> None:
    endless = b"HTTP/1.1 200 OK\r\nContent-Length: 9000000000\r\n\r\n"
    async with partner(endless, b" " * 1_000_000, every=0) as flooding:
        with pytest.raises(Unavailable):
            await call(flooding.url, 10 * NEVER)
        await flooding.left.wait()


@CALLS
async def test_whoever_is_called_off_leaves_no_call_behind(call: Call) -> None:
    async with partner(BODY) as dripping:
        calling = asyncio.ensure_future(call(dripping.url, NEVER))
        await asyncio.sleep(0.1)
        calling.cancel()
        with pytest.raises(asyncio.CancelledError):
            await calling
        await dripping.left.wait()


async def test_a_mail_server_that_drips_is_not_waited_for() -> None:
    mail = Mail(to="customer@example.com", recipient_name="Zoë", subject="Your return", text="Hello.\n")
    async with partner(b"220", b"-x\r\n220", speaks_first=True) as dripping:
        mailer = SmtpMailer(f"smtp://{dripping.url}", "returns@example.com", within=WITHIN)
        with pytest.raises(Unavailable):
            await mailer.send(mail, "k")
        await dripping.left.wait()


async def test_an_api_that_drips_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "_ONE_TRY", WITHIN)
    async with partner(BODY) as dripping, HttpHomeward(f"http://{dripping.url}", patience=timedelta(0)) as homeward:
        with pytest.raises(Unreachable):
            await homeward.view("R-1")
        await dripping.left.wait()
