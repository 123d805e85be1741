"""Each page of the runbook: its fault is made, its commands are taken from the page, and it is over."""

import asyncio
import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from sqlalchemy import delete as delete_rows
from sqlalchemy import func, select, update

from gateways.database.tables.returns import returns
from gateways.database.tables.steps import effects
from gateways.sandbox.tables import sandbox_refunds
from lifecycle.contract.statuses import Status
from starter.demo.story import Stage, stage_at
from starter.local.up import Ready
from tests.gateways.carrier.easypost_stand_in import EasyPostStandIn
from tests.gateways.stand_ins import Fault, FaultKind
from tests.orphans.conftest import delete, terminate, until_known
from tests.reconciliation.test_reconcile import task_before_the_receipt
from tests.runbook.desk import Desk
from tests.webhooks.partners import Door, scan
from tests.workflows.returns.play import Play, make_request
from workflows.relays import MAILS

SHIPMENTS = "POST /v2/shipments"


async def _waiting(stage: Stage, easypost: EasyPostStandIn, kind: FaultKind, headers: dict[str, str]) -> list[Play]:
    easypost.faults.extend([Fault(SHIPMENTS, kind, headers)] * 1000)
    stories = [Play(stage, make_request()) for _ in range(6)]
    for story in stories:
        await story.start(until=None)
    return stories


async def test_a_partner_is_down(ready: Ready, stage: Stage, easypost: EasyPostStandIn) -> None:
    stories = await _waiting(stage, easypost, "down", {})
    desk = Desk(ready, "A partner is down")
    await desk.until(0, lambda printed: "503" in printed)
    easypost.faults.clear()
    await desk.do(1)
    for story in stories:
        await story.until(Status.LABEL_SENT)
    await desk.until(2, lambda printed: "503" not in printed)


async def test_a_partner_asks_for_calm(ready: Ready, stage: Stage, easypost: EasyPostStandIn) -> None:
    stories = await _waiting(stage, easypost, "busy", {"Retry-After": "3600"})
    desk = Desk(ready, "A partner asks for calm")
    await desk.until(0, lambda printed: "429" in printed)
    easypost.faults.clear()
    await desk.do(1)
    for story in stories:
        await story.until(Status.LABEL_SENT)
    await desk.until(2, lambda printed: "429" not in printed)


async def test_a_partner_is_under_maintenance(ready: Ready, stage: Stage, easypost: EasyPostStandIn) -> None:
    desk = Desk(ready, "A partner is under maintenance")
    await desk.do(0)
    easypost.faults.extend([Fault(SHIPMENTS, "down")] * 1000)
    await asyncio.sleep(1)  # workers hold what they were handed before
    story = Play(stage, make_request())
    await story.start(until=None)
    easypost.faults.clear()
    await desk.do(1)
    await story.until(Status.LABEL_SENT)
    await desk.until(2, lambda printed: "carrier  no limit" in printed)
    assert (await desk.say("homeward attention")).count(story.return_id) == 0


async def test_a_step_waits_for_an_operator(ready: Ready, stage: Stage, easypost: EasyPostStandIn) -> None:
    easypost.refused = "Unable to verify the address."
    story = Play(stage, make_request())
    await story.start(until=None)
    await story.attention("label")
    desk = Desk(ready, "A step waits for an operator", ID=story.return_id)
    await desk.until(0, lambda printed: story.return_id in printed)
    easypost.refused = None
    await desk.do(1)
    await story.until(Status.LABEL_SENT)
    await desk.until(2, lambda printed: story.return_id not in printed)


async def test_it_is_not_known_whether_a_refund_was_made(impatient: Ready) -> None:
    async with stage_at(impatient) as stage:
        await _refund_lost(impatient, stage)


async def _refund_lost(ready: Ready, stage: Stage) -> None:
    story = Play(stage, make_request(tender="pi_lost fault:after:1"))
    await story.start()
    desk = Desk(ready, "It is not known whether a refund was made", ID=story.return_id)
    await story.receive()
    await story.inspect()
    await story.attention("refund")
    await desk.until(0, lambda printed: story.return_id in printed)
    await desk.do(1)
    await story.closed()
    assert "40.00" in await desk.do(2)
    mine = select(func.count()).where(sandbox_refunds.c.key.startswith(f"return-{story.return_id}/"))
    assert await stage.db.read(lambda connection: connection.execute(mine).scalar_one()) == 1


@pytest.mark.parametrize("lose", [terminate, delete])
async def test_the_workflow_of_a_return_is_gone(ready: Ready, stage: Stage, lose: Callable[[Play], object]) -> None:
    story = Play(stage, make_request())
    await story.start()
    await lose(story)  # type: ignore[misc]
    await until_known(stage, story.return_id)
    desk = Desk(ready, "The workflow of a return is gone", ID=story.return_id)
    assert "orphaned" in await desk.do(0)
    assert "attention" in await desk.do(2)
    await desk.do(1)
    await story.until(Status.LABEL_SENT)
    await desk.until(2, lambda printed: "attention" not in printed)


async def test_a_relay_is_gone(ready: Ready, stage: Stage) -> None:
    desk = Desk(ready, "A relay is gone")
    await stage.clock.client.get_workflow_handle(MAILS.workflow_id).terminate("a stray one")
    story = Play(stage, make_request())
    await story.start()
    await story.until_mails_are("sent")
    await desk.until(1, lambda printed: re.search(r"^ok +relay outbox-relay: runs", printed, re.MULTILINE) is not None)


async def test_a_customer_asks_to_be_forgotten(impatient: Ready) -> None:
    async with stage_at(impatient) as stage:
        story = Play(stage, make_request())
        await story.start()
        await story.receive()
        await story.inspect()
        await story.closed()
        customer = story.request.order.customer
        desk = Desk(impatient, "A customer asks to be forgotten", ID=story.return_id, CUSTOMER=customer.customer_id)
        assert str(customer.email) in await desk.do(1)
        assert "left as they are" not in await desk.do(0)
        assert str(customer.email) not in await desk.do(1)


async def test_an_api_key_has_leaked(ready: Ready, stage: Stage) -> None:
    desk = Desk(ready, "An API key has leaked")
    await desk.say("homeward keys create till --scope read")
    await desk.until(0, lambda printed: "till" in printed)
    assert "till" in await desk.do(1)
    await desk.do(2)
    await desk.until(3, lambda printed: "revoked" in printed)


@pytest.fixture
def bookkeeper(easypost: EasyPostStandIn) -> dict[str, str]:
    """The keys of those who work, without which partners cannot be asked."""
    return {"HOMEWARD_EASYPOST_KEY": "EZTK1", "HOMEWARD_EASYPOST_URL": f"{easypost.url}/v2"}


async def _closed(stage: Stage) -> Play:
    story = Play(stage, make_request())
    await story.start()
    await story.receive()
    await story.inspect()
    await story.closed()
    return story


async def test_the_books_differ(ready: Ready, stage: Stage, bookkeeper: dict[str, str]) -> None:
    lost, again = await _closed(stage), await _closed(stage)
    mine = returns.c.return_id == lost.return_id
    open_again = update(returns).where(mine).values(closed_at=None, view=None)
    ended = delete_rows(effects).where(effects.c.key == f"return-{lost.return_id}/close")
    await stage.db.write(lambda connection: (connection.execute(open_again), connection.execute(ended)))
    desk = Desk(ready, "The books differ", bookkeeper, ID=lost.return_id)
    reset = f"temporal workflow reset --workflow-id return-{again.return_id} --reason tried --reapply-exclude All"
    await desk.say(f"{reset} --event-id {await task_before_the_receipt(again)}")
    found = await desk.do(0)
    assert f"{lost.return_id}  open_after_end" in found
    assert f"{again.return_id}  runs_after_close" in found
    await desk.do(1)
    await lost.closed()
    desk.names["ID"] = again.return_id
    await desk.do(2)
    found = await desk.do(3)
    assert lost.return_id not in found
    assert again.return_id not in found


async def test_webhooks_come_in_a_storm(ready: Ready, stage: Stage) -> None:
    story = Play(stage, make_request())
    await story.start()
    code, now = (await story.view()).handover.tracking_code or "", datetime.now(UTC)
    strangers = [scan(f"X{number}", ("in_transit", now)) for number in range(40)]
    async with httpx.AsyncClient(base_url=ready.api, timeout=30) as http:
        door = Door(http)
        storm = [*strangers, scan(code, ("in_transit", now)), *strangers]
        answers = await asyncio.gather(*map(door.send, storm))
    assert {answer.status_code for answer in answers} <= {200, 202}
    await story.until(Status.IN_TRANSIT)
    desk = Desk(ready, "Webhooks come in a storm")
    found = await desk.do(0)
    assert found.count("in_transit") == len(strangers)
    assert f"waiting: {len(strangers)}" in found
    assert f"dismissed: {len(strangers)}" in await desk.do(1)
    assert "nothing waits" in await desk.do(2)


async def test_the_policy_is_wrong(ready: Ready, stage: Stage, policy: Path, tmp_path: Path) -> None:
    before = tmp_path / "policy.toml"
    before.write_text(policy.read_text())
    policy.write_text(before.read_text() + "[eligibility]\nwindow_days = 1\n")
    story = Play(stage, make_request())
    await story.start(until=Status.DECLINED)
    desk = Desk(ready, "The policy is wrong", ID=story.return_id, POLICY=str(policy), BEFORE=str(before))
    assert "window" in await desk.do(0)
    assert "eligibility.window_days: 30 -> 1" in await desk.do(1)
    assert story.return_id in await desk.until(2, lambda printed: story.return_id in printed)
    assert "right" in await desk.do(3)
    await Play(stage, make_request()).start(until=Status.LABEL_SENT)
