"""Two repairs, two refunds, a return and a case are never taken for each other, whatever they are called."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from temporalio.client import WorkflowFailureError

from client.errors import NotAllowed, UnknownRepair
from client.names import REPAIR, earlier_repair_id, repair_id
from client.repairs import Repairs
from client.search_attributes import at_start_of_repair
from lifecycle.calendar.calendars import make_calendar
from lifecycle.contract.messages import PaymentEvent, PaymentStatus
from lifecycle.contract.policy import ClockRules
from lifecycle.repairs.messages import Diagnosis, DiagnosisOutcome, EstimateAnswer
from lifecycle.shared.repair_messages import RepairInput
from starter.demo.story import Stage
from tests.workflows.returns.play import Play

DIAGNOSIS = Diagnosis(diagnosis_id="D-1", outcome=DiagnosisOutcome.REPAIRABLE, estimate=2500)
YES = EstimateAnswer(by="customer", accepted=True)


@pytest.fixture
def repairs(stage: Stage) -> Repairs:
    """The way to the bench."""
    return Repairs(stage.clock.client)


@pytest.fixture
def pair(play: Callable[..., Play]) -> tuple[Play, Play]:
    """Two returns with one unit each: ``VIC`` with 1-1-1, and ``VIC-1`` with 1-1."""
    vic = f"VIC{uuid4().hex[:6]}"
    return _return(play, vic, "1-1"), _return(play, f"{vic}-1", "1")


def _return(play: Callable[..., Play], return_id: str, line_id: str) -> Play:
    phone = {"line_id": line_id, "sku": f"PHONE-{return_id}", "quantity": 1, "unit_price": 30000}
    items = [{"line_id": line_id, "quantity": 1, "reason": "other"}]
    return play(return_id=return_id, lines=[phone], items=items, resolution="repair")


async def test_what_is_said_of_one_unit_is_not_said_of_another_returns(
    pair: tuple[Play, Play], repairs: Repairs
) -> None:
    one, other = pair
    for story in pair:
        await story.hand_in()
    await one.on_bench("1-1-1")
    await other.on_bench("1-1")
    summary = await repairs.diagnose(one.return_id, "1-1-1", DIAGNOSIS)
    assert (summary.return_id, summary.unit_id) == (one.return_id, "1-1-1")
    assert (await repairs.view(other.return_id, "1-1")).state == "diagnosing"
    assert [(await story.view()).attention for story in pair] == [None, None], "both are on the bench"
    shown = (await one.view()).units[0].repair
    assert shown
    assert shown["workflow_id"] == repair_id(one.return_id, "1-1-1")


def _of_before(return_id: str, unit_id: str) -> RepairInput:
    calendar = make_calendar(ClockRules(), datetime.now(UTC))
    known: dict[str, Any] = {"return_id": return_id, "order_id": f"SO-{return_id}", "unit_id": unit_id}
    unit = {"sku": "PHONE", "title": "Phone", "currency": "USD", "in_warranty": True, "calendar": calendar}
    return RepairInput.model_validate(known | unit)


async def test_a_repair_that_began_under_the_id_of_before_answers_for_its_own_unit_alone(
    pair: tuple[Play, Play], repairs: Repairs, stage: Stage
) -> None:
    vic, unit = pair[1].return_id, "1-1"
    given = _of_before(vic, unit)
    await stage.clock.client.start_workflow(
        REPAIR,
        given.model_dump(mode="json"),
        id=earlier_repair_id(vic, unit),
        task_queue="returns",
        search_attributes=at_start_of_repair(given),
    )
    other = vic.removesuffix("-1"), "1-1-1"
    assert earlier_repair_id(*other) == earlier_repair_id(vic, unit)
    with pytest.raises(UnknownRepair):
        await repairs.view(*other)
    with pytest.raises(UnknownRepair):
        await repairs.diagnose(*other, DIAGNOSIS)
    with pytest.raises(UnknownRepair):
        await repairs.answer_estimate(*other, YES)
    assert (await repairs.view(vic, unit)).state == "diagnosing", "nothing of that was said to it"
    unrepairable = DIAGNOSIS.model_copy(update={"outcome": DiagnosisOutcome.UNREPAIRABLE})
    assert (await repairs.diagnose(vic, unit, unrepairable)).state == "unrepairable"
    with pytest.raises(NotAllowed):
        await repairs.answer_estimate(vic, unit, YES)
    with pytest.raises(UnknownRepair):
        await repairs.answer_estimate(*other, YES)


async def test_a_second_refund_to_one_tender_is_not_the_first_to_another(
    play: Callable[..., Play], stage: Stage
) -> None:
    """The step of the second refund to ``t1`` would have the name of the first to ``t1-2``."""
    cards = {"t1": 3000, "t1-2": 1000}
    tenders = [
        {"tender_id": name, "kind": "card", "captured": amount, "reference": f"pi_{uuid4().hex[:8]}"}
        for name, amount in cards.items()
    ]
    lines = [{"line_id": "1", "sku": f"S-{uuid4().hex[:6]}", "title": "Shoe", "quantity": 1, "unit_price": 4000}]
    story = play(lines=lines, tenders=tenders)
    await story.hand_in()
    await story.inspect()
    await story.closed()
    first = next(paid for paid in (await story.view()).settlement.paid if paid.tender_id == "t1")
    failed = PaymentEvent(
        event_id="late", reference=first.reference or "", status=PaymentStatus.FAILED, at=await story.now()
    )
    await stage.homeward.payment_event(story.return_id, failed)
    await story.attention()
    await story.resolve("retry")
    await story.closed()
    view = await story.view()
    assert {paid.tender_id: paid.amount for paid in view.settlement.paid if paid.state == "succeeded"} == cards
    assert {"refund-t1", "refund-t1-2", "refund-t1-3"} <= set(await story.effects())


async def test_a_start_by_the_workflows_name_has_the_id_of_a_return(play: Callable[..., Play], stage: Stage) -> None:
    """Its keys would be those of a support case."""
    body = play().request.model_dump(mode="json", exclude={"return_id"})
    handle = await stage.clock.client.start_workflow(
        "ReturnWorkflow", body, id=f"return-support:S-{uuid4().hex[:6]}", task_queue="returns"
    )
    with pytest.raises(WorkflowFailureError) as failure:
        await handle.result()
    assert "return_id" in str(failure.value.cause)
