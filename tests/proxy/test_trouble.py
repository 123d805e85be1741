"""When Homeward is away, or a caller does not go on."""

import asyncio
import ssl
from pathlib import Path

import pytest

from starter.local.temporal_server import free_port
from tests.proxy.fronts import SHOP, Front, Proxy, front

SLOW: dict[Proxy, dict[str, str]] = {
    "nginx": {"client_header_timeout": "1s", "client_body_timeout": "1s"},
    "caddy": {"read_header": "1s", "read_body": "2s"},
}
HALF = {
    "header": b"GET / HTTP/1.1\r\nHost: returns.shop.example\r\nX-More: ",
    "body": b"POST / HTTP/1.1\r\nHost: returns.shop.example\r\nContent-Length: 9\r\n"
    b"Content-Type: application/x-www-form-urlencoded\r\n\r\ncsrf",
}


async def test_no_token_gets_into_a_log_while_homeward_is_away(proxy: Proxy, tmp_path: Path) -> None:
    async with front(proxy, tmp_path, f"http://127.0.0.1:{free_port()}") as before, before.visitor() as visitor:
        for path in ("/sign-in?token=secret-word", "/enter?token=secret-word", "/help/case?token=secret-word"):
            assert (await visitor.get(path)).status_code == 502
    assert "/sign-in" in before.said()
    assert "secret-word" not in before.said()


@pytest.mark.parametrize("half", HALF)
async def test_a_caller_who_does_not_go_on_is_hung_up_on(
    proxy: Proxy, homeward: str, tmp_path: Path, half: str
) -> None:
    async with front(proxy, tmp_path, homeward, **SLOW[proxy]) as before:
        reader, writer = await _connected(before)
        writer.write(HALF[half])
        answer = await reader.read()  # until it ends
        writer.close()
    assert b"x-request-id" not in answer.lower()


async def test_one_address_does_not_hold_the_connections_of_all(homeward: str, tmp_path: Path) -> None:
    async with front("nginx", tmp_path, homeward) as before:
        held = [await _connected(before) for _ in range(60)]
        for _, writer in held:
            writer.write(HALF["body"])
        closed = [asyncio.ensure_future(reader.read()) for reader, _ in held]
        done, waiting = await asyncio.wait(closed, timeout=5)
        assert (len(waiting), {each.result() for each in done}) == (50, {b""})
        async with before.visitor("127.0.0.2") as visitor:
            assert (await visitor.get("/")).status_code == 200
        for _, writer in held:
            writer.close()
        await asyncio.wait(closed)


async def _connected(before: Front) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    trusted = ssl.create_default_context(cafile=before.folder / "certificate.pem")
    return await asyncio.open_connection("127.0.0.1", before.public, ssl=trusted, server_hostname=SHOP)
