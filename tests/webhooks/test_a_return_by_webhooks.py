"""A return is carried home by what partners tell alone."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from client.list_rows import ListFilter
from lifecycle.contract.statuses import Status
from starter.demo.story import Stage
from tests.webhooks.partners import Door, Hook, inspection, news, receipt, refund, scan
from tests.workflows.returns.play import Play


async def test_from_the_first_scan_to_the_refund(door: Door, play: Callable[..., Play]) -> None:
    story = play()
    await story.start()
    code = (await story.view()).handover.tracking_code
    assert code
    accepted = datetime.now(UTC)
    first = scan(code, ("pre_transit", accepted - timedelta(hours=1)), ("in_transit", accepted))
    assert await door.told(first) == (200, "passed")
    assert (await story.view()).status is Status.IN_TRANSIT
    assert (await story.view()).handover.at == accepted
    delivered = scan(code, ("in_transit", accepted), ("delivered", accepted + timedelta(seconds=1)))
    assert await door.told(delivered) == (200, "passed")
    assert (await story.view()).goods.state == "delivered"
    assert await door.told(receipt(story.return_id)) == (200, "passed")
    assert await door.told(inspection(story.return_id)) == (200, "passed")
    view = await story.until(Status.REFUNDED)
    [paid] = view.settlement.paid
    assert paid.reference
    assert await door.told(refund(paid.reference, "succeeded", story.return_id)) == (200, "passed")
    await story.closed()
    assert (await story.view()).settlement.amount == 4000


async def test_the_shops_own_service_tells_what_became_of_a_refund(
    door: Door, stage: Stage, play: Callable[..., Play]
) -> None:
    story = play(tender="slow fault:pending")
    await story.start()
    await story.receive()
    await story.inspect()
    await story.until_paid("pending")
    [paid] = (await story.view()).settlement.paid
    asked = datetime.now(UTC)
    assert paid.reference
    # By the shop's own name of it, which leads to the return in a search as well.
    found = await stage.homeward.find(ListFilter(text=paid.reference))
    assert [one.listed.return_id for one in found.rows] == [story.return_id]
    done = news(paid.reference, "done", None, at=asked)
    assert await door.told(done) == (200, "passed")
    await story.closed()
    assert await door.told(done) == (200, "repeated")
    # It overtook the news that the refund was under way, which changes nothing any more.
    late = news(paid.reference or "", "pending", story.return_id, at=asked - timedelta(minutes=1))
    assert await door.told(late) == (200, "passed")
    assert [one.state for one in (await story.view()).settlement.paid] == ["succeeded"]
    other = Hook("payments", done.body | {"status": "failed"}, id=done.id)
    assert (await door.send(other)).status_code == 409
