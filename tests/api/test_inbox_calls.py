"""The inbox over HTTP: what no return has taken is listed, given to one that it may belong to, or put away."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import httpx

from gateways.webhook_protocol import PartnerEvent
from lifecycle.contract.messages import Receipt, ReceiptUnits, TrackingEvent, TrackingStatus
from starter.demo.story import Stage
from starter.shared.inbox import Inbox
from tests.api.conftest import Serve
from tests.workflows.returns.play import Play

_KEY = "the-key-of-the-inbox"
HEADERS = {"Authorization": f"Bearer {_KEY}"}


def keyed(serve: Serve) -> httpx.AsyncClient:
    return serve(api_keys=[{"key": _KEY, "scopes": ["operate"], "name": "desk"}])


async def kept(stage: Stage, event: PartnerEvent) -> None:
    assert (await Inbox(stage.homeward, stage.db).take([event])).state == "waiting"


def scan(code: str) -> PartnerEvent:
    said = TrackingEvent(
        event_id=uuid4().hex, tracking_code=code, status=TrackingStatus.IN_TRANSIT, at=datetime.now(UTC)
    )
    return PartnerEvent("easypost", said.event_id, "tracking", said)


async def waiting(api: httpx.AsyncClient, code: str, **wanted: Any) -> list[dict[str, Any]]:
    found = (await api.get("/v1/inbox", params=wanted, headers=HEADERS)).json()["messages"]
    return [one for one in found if code in f"{one}"]


async def test_a_message_goes_to_an_unlikely_return_only_when_that_is_confirmed(
    serve: Serve, stage: Stage, play: Callable[..., Play]
) -> None:
    api, mine, other, code = keyed(serve), play(), play(), f"OWN{uuid4().hex[:8].upper()}"
    await mine.start()
    await other.start()
    await kept(stage, scan(code))
    [row] = await waiting(api, code, source="easypost")
    attach, said = f"/v1/inbox/{row['id']}/attach", {"by": "alex", "return_id": mine.return_id}
    refused = await api.post(attach, json=said, headers=HEADERS)
    assert (refused.status_code, refused.json()["type"]) == (409, "/docs#unlikely")
    label = (await mine.view()).handover.tracking_code
    assert refused.json()["detail"].endswith(f"the parcel of {mine.return_id} is {label}")
    assert (await mine.view()).handover.at is None
    for _ in range(2):
        taken = await api.post(attach, json=said | {"confirm": True}, headers=HEADERS)
        assert (taken.status_code, taken.json()["state"]) == (200, "passed")
    assert taken.json()["why"] == "attached by alex (key desk)"
    assert (await mine.view()).handover.at is not None
    for path, body in (
        (attach, said | {"return_id": other.return_id, "confirm": True}),
        (f"/v1/inbox/{row['id']}/dismiss", {"by": "alex", "why": "a mistake"}),
    ):
        late = await api.post(path, json=body, headers=HEADERS)
        assert (late.status_code, late.json()["type"]) == (409, "/docs#not-allowed"), path
    # What comes of that parcel later is known to be this return's, and no other's.
    await stage.homeward.view(mine.return_id)
    assert await waiting(api, code) == []


async def test_what_names_another_return_or_line_says_so(serve: Serve, stage: Stage, play: Callable[..., Play]) -> None:
    api, mine = keyed(serve), play()
    await mine.start()
    receipt = Receipt(receipt_id=uuid4().hex, units=[ReceiptUnits(line_id="77")])
    await kept(stage, PartnerEvent("warehouse", receipt.receipt_id, "receipt", receipt, f"R-{receipt.receipt_id}"))
    [row] = await waiting(api, receipt.receipt_id)
    said = {"by": "alex", "return_id": mine.return_id}
    refused = await api.post(f"/v1/inbox/{row['id']}/attach", json=said, headers=HEADERS)
    assert f"it names the return R-{receipt.receipt_id}; {mine.return_id} has no line 77" in refused.json()["detail"]


async def test_a_message_is_put_away_and_pages_go_on(serve: Serve, stage: Stage) -> None:
    api, mark = keyed(serve), uuid4().hex[:8].upper()
    for number in range(3):
        await kept(stage, scan(f"{mark}{number}"))
    first = (await api.get("/v1/inbox", params={"limit": 2}, headers=HEADERS)).json()
    assert [one["message"]["tracking_code"] for one in first["messages"]] == [f"{mark}2", f"{mark}1"]
    [row] = await waiting(api, f"{mark}0", cursor=first["next_cursor"])
    for why in ("nobody's", "again"):
        away = await api.post(f"/v1/inbox/{row['id']}/dismiss", json={"by": "alex", "why": why}, headers=HEADERS)
        assert (away.status_code, away.json()["state"]) == (200, "dismissed")
    assert away.json()["why"] == "alex (key desk): nobody's"
    assert await waiting(api, f"{mark}0") == []
    none = await api.post("/v1/inbox/999999999/dismiss", json={"by": "alex", "why": "x"}, headers=HEADERS)
    assert (none.status_code, none.json()["detail"]) == (404, "the inbox holds no event 999999999")
