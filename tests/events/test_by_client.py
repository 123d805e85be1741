"""A backend with the Python client subscribes, takes what is sent and nothing else, and polls the same."""

import asyncio
from collections.abc import Callable
from typing import Any

import httpx

from homeward_client import AsyncHomeward, NotVerified, webhooks
from homeward_client.answers import ReturnEvent
from starter.local.up import Ready
from tests.workflows.returns.play import LOOKS, Play


class Backend:
    """Takes webhooks, as the client's README has it."""

    def __init__(self) -> None:
        self.secrets: list[str] = []
        self.taken: list[Any] = []

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                lines = [line.partition(": ") for line in head.decode().split("\r\n")[1:] if line]
                headers = {name: value for name, _, value in lines}
                length = next(int(value) for name, value in headers.items() if name.lower() == "content-length")
                status = self._status(await reader.readexactly(length), headers)
                writer.write(f"HTTP/1.1 {status} As it is\r\nContent-Length: 0\r\n\r\n".encode())
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    def _status(self, body: bytes, headers: dict[str, str]) -> int:
        try:
            self.taken.append(webhooks.verify(body, headers, self.secrets))
        except NotVerified:
            return 401
        return 204

    def of(self, return_id: str) -> dict[str, str]:
        """The types of what was taken of one return, by the events' ids."""
        return {one.id: one.type for one in self.taken if isinstance(one, ReturnEvent) and one.subject == return_id}


async def test_a_backend_takes_what_is_signed_and_polls_the_same(ready: Ready, play: Callable[..., Play]) -> None:
    backend = Backend()
    server = await asyncio.start_server(backend.serve, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/homeward"
    async with server, AsyncHomeward(ready.api) as homeward:
        made = await homeward.create_subscription(url=url)
        try:
            backend.secrets = [made.secret or ""]
            assert (await homeward.send_test_event(made.subscription_id)).delivered
            rotated = await homeward.rotate_secret(made.subscription_id, overlap_hours=0)
            assert not (await homeward.send_test_event(made.subscription_id)).delivered
            backend.secrets = [made.secret or "", rotated.secret or ""]
            story = play()
            await story.start()
            await story.receive()
            await story.inspect()
            await story.closed()
            for _ in range(LOOKS):
                if "homeward.return.closed" in backend.of(story.return_id).values():
                    break
                await asyncio.sleep(0.1)
            polled = {
                event.id: event.type async for event in homeward.iter_events() if event.subject == story.return_id
            }
        finally:
            gone = await homeward.remove_subscription(made.subscription_id)
    assert gone.subscription_id == made.subscription_id
    assert [one.type for one in backend.taken if one.type == "homeward.test"] == ["homeward.test"]
    assert polled == backend.of(story.return_id)
    assert "homeward.return.refunded" in polled.values()
    async with httpx.AsyncClient() as stranger:
        assert await _answer(backend, stranger) == 401


async def _answer(backend: Backend, stranger: httpx.AsyncClient) -> int:
    """What somebody gets who signs nothing."""
    async with await asyncio.start_server(backend.serve, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        return (await stranger.post(f"http://127.0.0.1:{port}/", json={"type": "homeward.test"})).status_code
