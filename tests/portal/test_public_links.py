"""Public links: whoever has one sees where a return stands, or its label, until the link ends, and nothing else."""

from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from gateways.database.messages.signed_links import public_link
from lifecycle.contract.messages import TrackingStatus
from starter.demo.story import Stage
from starter.local.up import Ready
from tests.workflows.returns.play import Play


@pytest.fixture
async def anybody(ready: Ready) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=ready.api) as client:
        yield client


def path_of(url: str) -> str:
    return httpx.URL(url).raw_path.decode()


async def test_a_link_shows_its_part_of_the_return_and_no_other(
    anybody: httpx.AsyncClient, play: Callable[..., Play]
) -> None:
    story = play()
    await story.start()
    asked = {"show": ["status", "label"], "valid_hours": 2}
    made = (await anybody.post(f"/v1/returns/{story.return_id}/links", json=asked)).json()
    ends_in = datetime.fromisoformat(made["ends_at"]) - datetime.now(UTC)
    assert timedelta(hours=1, minutes=59) < ends_in <= timedelta(hours=2)
    status, label = path_of(made["status_url"]), path_of(made["label_url"])
    for _ in range(2):
        page = await anybody.get(status)
        assert (page.status_code, "Where it stands" in page.text) == (200, True)
    customer, order = story.request.order.customer, story.request.order
    said = [customer.name, customer.email or "", order.order_id, order.lines[0].title or order.lines[0].sku]
    assert [text for text in said if text in page.text] == []
    file = await anybody.get(label)
    assert (file.headers["content-type"], file.content[:4]) == ("application/pdf", b"%PDF")
    for other in (status.replace("status", "label"), label.replace("label", "status"), label[:-1], "/public/label"):
        refused = await anybody.get(other)
        assert (refused.status_code, "This link has ended" in refused.text) == (403, True), other
    assert (await anybody.get(f"/returns/{story.return_id}")).status_code == 401
    alone = await anybody.post(f"/v1/returns/{story.return_id}/links", json={"show": ["status"]})
    assert alone.json()["label_url"] is None


async def test_a_label_is_found_no_more_once_its_parcel_is_handed_over(
    anybody: httpx.AsyncClient, play: Callable[..., Play]
) -> None:
    story = play()
    await story.start()
    made = (await anybody.post(f"/v1/returns/{story.return_id}/links", json={"show": ["status", "label"]})).json()
    status, label = path_of(made["status_url"]), path_of(made["label_url"])
    assert (await anybody.get(label)).status_code == 200
    await story.scan(TrackingStatus.ACCEPTED)
    await story.until_it(lambda view: view.handover.at is not None, "handed over")
    assert [(await anybody.get(path)).status_code for path in (label, status)] == [404, 200]


async def test_a_link_ends_and_leads_to_no_return_that_there_is_not(
    anybody: httpx.AsyncClient, stage: Stage, play: Callable[..., Play]
) -> None:
    story = play()
    await story.start()
    a_second_ago = int(datetime.now(UTC).timestamp()) - 1
    ended = await public_link(stage.db, "", "status", [story.return_id, "status", a_second_ago])
    assert (await anybody.get(ended)).status_code == 403
    none = await anybody.post("/v1/returns/R-none/links", json={})
    assert none.status_code == 404
    wrong = await anybody.post(f"/v1/returns/{story.return_id}/links", json={"valid_hours": 721})
    assert (wrong.status_code, wrong.json()["errors"][0]["field"]) == (422, "valid_hours")
