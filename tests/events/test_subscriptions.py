"""Subscribers that are made by the API, and events for who polls, beside the subscriber of the settings."""

from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx
import pytest

from starter.local.up import Ready
from tests.events.receiver import Receiver, receiving
from tests.workflows.returns.play import Play

REFUNDED = "homeward.return.refunded"


@pytest.fixture
async def api(ready: Ready) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=ready.api, timeout=30) as client:
        yield client


@pytest.fixture
async def other() -> AsyncIterator[Receiver]:
    async with receiving() as listening:
        yield listening


@pytest.fixture
async def made(api: httpx.AsyncClient, other: Receiver) -> AsyncIterator[dict[str, Any]]:
    """A subscription of refunds alone, for the other receiver; gone again at the end."""
    answer = await api.post("/v1/subscriptions", json={"url": other.url, "types": [REFUNDED]})
    assert answer.status_code == 201
    found: dict[str, Any] = answer.json()
    assert answer.headers["Location"] == f"/v1/subscriptions/{found['subscription_id']}"
    other.secret = found["secret"]
    yield found
    gone = await api.delete(answer.headers["Location"])
    assert gone.status_code == 200
    assert (await api.get(answer.headers["Location"])).status_code == 404


async def refunded(play: Callable[..., Play]) -> Play:
    """A return that is carried to its end."""
    story = play()
    await story.start()
    await story.receive()
    await story.inspect()
    await story.closed()
    return story


async def test_it_gets_the_types_that_it_wants_until_it_is_paused_and_again_on_a_replay(
    api: httpx.AsyncClient, made: dict[str, Any], other: Receiver, play: Callable[..., Play]
) -> None:
    here = f"/v1/subscriptions/{made['subscription_id']}"
    first = await refunded(play)
    await other.until(lambda: other.types(first.return_id) == ["refunded"])
    assert (await api.post(f"{here}/change", json={"paused": True})).json()["state"] == "paused"
    second = await refunded(play)
    behind = await api.get(here)
    assert behind.json()["types"] == [REFUNDED]
    assert "secret" not in behind.json()
    assert other.of(second.return_id) == []
    assert (await api.post(f"{here}/change", json={"paused": False, "types": []})).json()["types"] == []
    await other.until(lambda: "closed" in other.types(second.return_id))
    again = await api.post(f"{here}/replay", json={"since": "2026-01-01T00:00:00Z"})
    assert again.json()["events"] > 6
    await other.until(lambda: "closed" in other.types(first.return_id))
    await other.until(lambda: sum(call["subject"] == second.return_id for call in other.taken) > 7)
    listed = (await api.get("/v1/subscriptions")).json()["subscriptions"]
    assert [one["source"] for one in listed] == ["settings", "api"]


async def test_two_secrets_are_valid_while_one_is_rotated(
    api: httpx.AsyncClient, made: dict[str, Any], other: Receiver
) -> None:
    here = f"/v1/subscriptions/{made['subscription_id']}"
    known = await api.post("/v1/subscriptions", json={"url": other.url})
    assert (known.status_code, known.json()["subscription_id"]) == (200, made["subscription_id"])
    assert "secret" not in known.json()
    rotated = (await api.post(f"{here}/rotate", json={"overlap_hours": 1})).json()
    assert rotated["secret"] != made["secret"]
    assert rotated["secret_before_until"]
    for secret in (made["secret"], rotated["secret"]):
        other.secret = secret
        assert (await api.post(f"{here}/test")).json() == {"delivered": True, "error": None}
    assert [call["type"] for call in other.taken] == ["homeward.test"] * 2
    other.answer = lambda _: (500, {})
    assert (await api.post(f"{here}/test")).json() == {"delivered": False, "error": "answered 500"}
    last = (await api.post(f"{here}/rotate", json={"overlap_hours": 0})).json()
    assert last["secret_before_until"] is None


async def test_who_polls_gets_all_of_it_once_and_in_order(api: httpx.AsyncClient, play: Callable[..., Play]) -> None:
    start = (await api.get("/v1/events", params={"limit": 500})).json()
    while start["more"]:
        start = (await api.get("/v1/events", params={"limit": 500, "cursor": start["next_cursor"]})).json()
    story, cursor, told = await refunded(play), start["next_cursor"], list[dict[str, Any]]()
    wanted = [entry.event for entry in (await story.view()).timeline]
    while len(told) < len(wanted):
        page = (await api.get("/v1/events", params={"limit": 2, "cursor": cursor})).json()
        assert len(page["events"]) <= 2
        told += [event for event in page["events"] if event["subject"] == story.return_id]
        cursor = page["next_cursor"]
    assert [event["type"].removeprefix("homeward.return.") for event in told] == wanted
    asked = {"cursor": start["next_cursor"], "type": [REFUNDED, "homeward.return.closed"]}
    some = (await api.get("/v1/events", params=asked)).json()["events"]
    assert [event["type"] for event in some if event["subject"] == story.return_id] == asked["type"]
    assert some[-1]["dataschema"].endswith(f"/schemas/{some[-1]['type']}.json")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"url": "http://shop.example/events"}, "url"),
        ({"url": "ftp://shop.example"}, "url"),
        ({"url": "https://shop.example:99999"}, "url"),
        ({"url": "https://user:word@shop.example"}, "url"),
        ({"url": "https://shop.example/#part"}, "url"),
        ({"url": "https://shop.example", "types": ["refunded"]}, "types.0"),
        ({"adress": "https://shop.example"}, "adress"),
    ],
)
async def test_a_wrong_subscription_is_refused_by_field(api: httpx.AsyncClient, body: Any, field: str) -> None:
    answer = await api.post("/v1/subscriptions", json=body)
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == [field]


async def test_what_cannot_be_meant_is_refused(api: httpx.AsyncClient, made: dict[str, Any], other: Receiver) -> None:
    here = f"/v1/subscriptions/{made['subscription_id']}"
    answers = [
        await api.post(f"{here}/replay", json={"since": "2999-01-01T00:00:00Z"}),
        await api.get("/v1/subscriptions", params={"state": "failing"}),
        await api.post(f"{here}/test", params={"state": "failing"}),
        await api.get("/v1/events", params={"typ": REFUNDED}),
    ]
    assert [answer.status_code for answer in answers] == [422] * 4
    wrong = [(error["field"], error["message"]) for answer in answers for error in answer.json()["errors"]]
    assert wrong[:2] == [
        ("since", "expected an instant that has passed"),
        ("state", "expected no query parameter: this call has none"),
    ]
    assert wrong[3] == ("typ", "expected one of type, limit, cursor")
    assert other.taken == []


async def test_one_that_polls_has_nothing_to_send(api: httpx.AsyncClient) -> None:
    answer = await api.post("/v1/subscriptions", json={})
    assert (answer.status_code, answer.json()["url"]) == (201, None)
    for act, body in (("test", None), ("rotate", {}), ("replay", {"since": "2026-01-01T00:00:00Z"})):
        refused = await api.post(f"{answer.headers['Location']}/{act}", json=body)
        assert refused.status_code == 409, act
    assert (await api.delete(answer.headers["Location"])).status_code == 200
