"""Events are kept for who polls as soon as somebody subscribes, on a server whose settings name nobody."""

from collections.abc import Callable

import httpx

from tests.workflows.returns.play import Play


async def test_returns_begun_while_somebody_subscribes_can_be_polled(
    api: httpx.AsyncClient, play: Callable[..., Play]
) -> None:
    before = play()
    await before.start()
    answer = await api.post("/v1/subscriptions", json={"types": []})
    try:
        story, cursor, told = play(), "0", list[str]()
        await story.start()
        await story.receive()
        await story.inspect()
        await story.closed()
        while "homeward.return.closed" not in told:
            page = (await api.get("/v1/events", params={"cursor": cursor})).json()
            told += [event["type"] for event in page["events"] if event["subject"] == story.return_id]
            assert all(event["subject"] != before.return_id for event in page["events"])
            cursor = page["next_cursor"]
    finally:
        assert (await api.delete(answer.headers["Location"])).status_code == 200
