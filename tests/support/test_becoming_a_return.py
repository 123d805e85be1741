"""A case becomes a return with one action, carrying what is known; refused, it stays as it is."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from client.errors import Closed, NotAllowed
from client.names import return_workflow_id
from client.returns import Homeward
from gateways.database.messages.outbox import mails_of
from gateways.database.returns.records import get_return
from gateways.database.support.cases import get_case
from gateways.orders.database import keep_orders
from gateways.orders.protocol import FoundOrder
from lifecycle.contract.request import Channel, Item, Method, Order, Reason
from lifecycle.contract.resolutions import Resolution
from lifecycle.support.messages import WantedReturn
from starter.demo.story import Stage
from tests.support.cases import CasePlay, make_question
from tests.workflows.returns.play import Play, make_request

ONE_SHOE = {"line_id": "1", "sku": "SHOE-42", "title": "Trail shoe", "quantity": 1, "unit_price": 4000}


@pytest.fixture
def case(stage: Stage) -> Callable[..., CasePlay]:
    """Make a case of its own; keywords change its question."""
    return lambda **changes: CasePlay(stage, make_question(**changes))


@pytest.fixture
def order_of(stage: Stage) -> Callable[..., Any]:
    """Make an order that the shop knows."""

    async def make(**changes: Any) -> Order:
        order = make_request(**changes).order
        await keep_orders(stage.db, [FoundOrder(order)])
        return order

    return make


async def test_the_order_is_found_and_its_only_unit_comes_back(
    case: Callable[..., CasePlay], order_of: Callable[..., Any], stage: Stage
) -> None:
    order = await order_of(lines=[ONE_SHOE])
    play = case(order_id=order.order_id, channel="phone")
    await play.ask()
    summary = await play.make_return()
    return_id = f"R-{play.case_id}"
    assert (summary.status, summary.became_return) == ("became_return", return_id)
    await play.ended()
    view = await stage.homeward.view(return_id)
    assert (view.order_id, [unit.unit_id for unit in view.units]) == (order.order_id, ["1-1"])
    assert [mail["template"] for mail in await play.mails()] == ["support_received", "support_became_return"]
    assert return_id in (await play.mails())[-1]["subject"]
    assert "OrderId" in await _columns_at_start(stage, return_id), "lists find it from its first moment on"
    assert (await play.view()).became_return == return_id


async def _columns_at_start(stage: Stage, return_id: str) -> set[str]:
    async for event in stage.clock.client.get_workflow_handle(return_workflow_id(return_id)).fetch_history_events():
        return set(event.workflow_execution_started_event_attributes.search_attributes.indexed_fields)
    raise AssertionError("a workflow has a first event")


async def test_the_order_is_found_however_the_customer_spelt_it(
    case: Callable[..., CasePlay], order_of: Callable[..., Any], stage: Stage
) -> None:
    order = await order_of(lines=[ONE_SHOE])
    play = case(order_id=f"#{order.order_id.lower()}")
    await play.ask()
    summary = await play.make_return()
    assert summary.became_return
    assert (await stage.homeward.view(summary.became_return)).order_id == order.order_id


async def test_staff_names_what_comes_back_of_a_larger_order(
    case: Callable[..., CasePlay], order_of: Callable[..., Any], stage: Stage
) -> None:
    order = await order_of()
    play = case(order_id=order.order_id)
    await play.ask()
    with pytest.raises(NotAllowed, match="items: expected those of the order's 2 units that come back"):
        await play.make_return()
    assert await play.events() == ["opened", "return_wanted", "return_refused"]
    items = [Item(line_id="1", quantity=2, reason=Reason.DEFECTIVE, note="heel")]
    summary = await play.make_return(WantedReturn(items=items, resolution=Resolution.STORE_CREDIT))
    assert summary.became_return == f"R-{play.case_id}"
    view = await stage.homeward.view(summary.became_return)
    assert (view.settlement.resolution, len(view.units)) == ("store_credit", 2)


async def test_the_request_may_bring_its_own_order(case: Callable[..., CasePlay], stage: Stage) -> None:
    play = case()
    await play.ask()
    with pytest.raises(NotAllowed, match="order: expected the order: the case names none"):
        await play.make_return()
    with pytest.raises(NotAllowed, match="an order that the shop knows, not SO-other"):
        await play.make_return(WantedReturn(order_id="SO-other"))
    request = make_request()
    summary = await play.make_return(WantedReturn(order=request.order, items=request.items))
    view = await stage.homeward.view(summary.became_return or "")
    assert view.order_id == request.order.order_id


async def test_what_the_policy_declines_leaves_the_case_open_with_the_reason(
    case: Callable[..., CasePlay], order_of: Callable[..., Any], stage: Stage
) -> None:
    long_ago = datetime.now(UTC) - timedelta(days=100)
    play = case(order_id="unknown to the shop")
    await play.ask()
    with pytest.raises(NotAllowed, match="an order that the shop knows"):
        await play.make_return()
    old = make_request(lines=[ONE_SHOE]).order.model_copy(update={"placed_at": long_ago, "delivered_at": long_ago})
    with pytest.raises(NotAllowed, match=r"the policy declines it: .*window"):
        await play.make_return(WantedReturn(order=old))
    view = await play.view()
    assert (view.status, view.became_return) == ("open", None)
    assert "window" in (view.timeline[-1].detail or "")
    assert await get_return(stage.db, f"R-{play.case_id}") is None, "nothing was begun that the customer hears of"
    assert await mails_of(stage.db, f"R-{play.case_id}") == []
    assert (await play.answer("It is too late for that, sorry")).status == "answered"
    # None of the tries has used up a number.
    new = await order_of(lines=[ONE_SHOE])
    assert (await play.make_return(WantedReturn(order_id=new.order_id))).became_return == f"R-{play.case_id}"


async def test_said_again_it_is_the_same_return(
    case: Callable[..., CasePlay], order_of: Callable[..., Any], stage: Stage
) -> None:
    order = await order_of(lines=[ONE_SHOE])
    play = case(order_id=order.order_id)
    await play.ask()
    answers = await asyncio.gather(*(play.make_return(request_id="now") for _ in range(5)))
    assert {answer.became_return for answer in answers} == {f"R-{play.case_id}"}
    await play.ended()
    assert (await play.make_return(request_id="now")).became_return == f"R-{play.case_id}"
    with pytest.raises(Closed, match=f"became the return R-{play.case_id}"):
        await play.make_return()
    mails = [mail["template"] for mail in await mails_of(stage.db, f"R-{play.case_id}")]
    assert mails.count("label_sent") <= 1


async def test_a_return_that_began_though_its_answer_was_lost_is_found(
    case: Callable[..., CasePlay], order_of: Callable[..., Any], stage: Stage
) -> None:
    """As after a worker that died between starting the return and saying so."""
    order = await order_of(lines=[ONE_SHOE])
    play = case(order_id=order.order_id, channel="email")
    await play.ask()
    drafted = make_request().model_copy(
        update={
            "return_id": f"R-{play.case_id}",
            "order": order,
            "items": [Item(line_id="1", quantity=1, reason=Reason.OTHER)],
            "channel": Channel.EMAIL,
        }
    )
    await Homeward(stage.clock.client, stage.db).start(drafted)
    assert (await play.make_return()).became_return == drafted.return_id


async def test_the_customer_may_write_while_the_return_is_made_and_nothing_is_lost(
    case: Callable[..., CasePlay], order_of: Callable[..., Any]
) -> None:
    order = await order_of(lines=[ONE_SHOE])
    play = case(order_id=order.order_id)
    await play.ask()
    said = await asyncio.gather(
        play.make_return(), *(play.say(f"and {number}") for number in range(5)), return_exceptions=True
    )
    accepted = [f"and {number}" for number, answer in enumerate(said[1:]) if not isinstance(answer, BaseException)]
    await play.ended()
    assert {message.text for message in (await play.view()).messages[1:]} == set(accepted)


@pytest.mark.parametrize("known", [True, False])
async def test_a_question_about_a_return_is_about_its_order(
    case: Callable[..., CasePlay], stage: Stage, *, known: bool
) -> None:
    """As asked from the return's page; of an order that the shop keeps, and of one that only the return knows."""
    request = make_request(items=[{"line_id": "1", "quantity": 1, "reason": "unwanted"}])
    if known:
        await keep_orders(stage.db, [FoundOrder(request.order)])
    first = Play(stage, request)
    await first.start()
    play = case(return_id=first.return_id)
    await play.ask()
    with pytest.raises(NotAllowed, match=r"the order's 2 units that come back: 2 of line 1 \(Trail shoe\)"):
        await play.make_return()
    items = [Item(line_id="1", quantity=1, reason=Reason.DEFECTIVE)]
    became = (await play.make_return(WantedReturn(items=items))).became_return
    assert became == f"R-{play.case_id}"
    view = await stage.homeward.view(became)
    assert (view.order_id, [unit.unit_id for unit in view.units]) == (request.order.order_id, ["1-2"])
    # Another order may be named all the same.
    other = case(return_id=first.return_id)
    await other.ask()
    with pytest.raises(NotAllowed, match="an order that the shop knows, not SO-other"):
        await other.make_return(WantedReturn(order_id="SO-other"))


async def test_a_question_about_a_return_that_nobody_knows_names_no_order(case: Callable[..., CasePlay]) -> None:
    play = case(return_id="R-nobody-knows")
    await play.ask()
    with pytest.raises(NotAllowed, match="order: expected the order: the case names none"):
        await play.make_return()


async def test_a_declined_return_of_an_earlier_try_is_left_as_it_is(
    case: Callable[..., CasePlay], order_of: Callable[..., Any], stage: Stage
) -> None:
    """Earlier releases began it; a return may also be declined that was still allowed a moment before."""
    long_ago = datetime.now(UTC) - timedelta(days=100)
    play = case()
    await play.ask()
    old = make_request(lines=[ONE_SHOE])
    late = old.order.model_copy(update={"placed_at": long_ago, "delivered_at": long_ago})
    await stage.homeward.start(old.model_copy(update={"return_id": f"R-{play.case_id}", "order": late}))
    order = await order_of(lines=[ONE_SHOE])
    summary = await play.make_return(WantedReturn(order_id=order.order_id))
    assert summary.became_return == f"R2-{play.case_id}"
    assert (await stage.homeward.view(f"R-{play.case_id}")).status == "declined"
    assert (await stage.homeward.view(f"R2-{play.case_id}")).order_id == order.order_id
    # A case of that name has a return of its own.
    namesake = case(case_id=f"{play.case_id}-2", order_id=(await order_of(lines=[ONE_SHOE])).order_id)
    await namesake.ask()
    assert (await namesake.make_return()).became_return == f"R-{play.case_id}-2"


async def test_a_return_that_somebody_else_began_under_the_cases_id_is_not_what_it_becomes(
    case: Callable[..., CasePlay], order_of: Callable[..., Any], stage: Stage
) -> None:
    play = case(order_id=(await order_of(lines=[ONE_SHOE])).order_id)
    await play.ask()
    others = make_request(lines=[ONE_SHOE]).model_copy(update={"return_id": f"R-{play.case_id}"})
    await stage.homeward.start(others)
    assert (await play.make_return()).became_return == f"R2-{play.case_id}"
    assert (await stage.homeward.view(f"R2-{play.case_id}")).order_id == play.request.order_id


@pytest.mark.parametrize(
    "other", ["resolution", "method", "vouched_by", "customer", "address", "paid by", "note", "cancelled"]
)
async def test_a_return_begun_otherwise_under_the_cases_id_is_not_what_it_becomes(
    case: Callable[..., CasePlay], order_of: Callable[..., Any], stage: Stage, other: str
) -> None:
    """Of the same unit of the same order, but somebody else's money, parcel or word; or nothing comes of it."""
    two_shoes = ONE_SHOE | {"quantity": 2}  # so that the units are not what makes the difference
    order = await order_of(lines=[two_shoes])
    items = [Item(line_id="1", quantity=1, reason=Reason.OTHER)]
    play = case(order_id=order.order_id)
    await play.ask()
    theirs = make_request().model_copy(
        update={"return_id": f"R-{play.case_id}", "order": order, "items": items} | _otherwise(order, other)
    )
    await stage.homeward.start(theirs)
    if other == "cancelled":
        await Play(stage, theirs).cancel()
    assert (await play.make_return(WantedReturn(items=items))).became_return == f"R2-{play.case_id}"
    view = await stage.homeward.view(f"R2-{play.case_id}")
    assert (view.settlement.resolution, [unit.unit_id for unit in view.units]) == (
        "refund",
        ["1-1" if other == "cancelled" else "1-2"],
    )


def _otherwise(order: Order, other: str) -> dict[str, Any]:
    customer, [tender] = order.customer, order.tenders
    elsewhere = customer.home.model_copy(update={"line1": "1 Elsewhere"})
    changes: dict[str, dict[str, Any]] = {
        "resolution": {"resolution": Resolution.STORE_CREDIT},
        "method": {"method": Method.DROP_OFF},
        "vouched_by": {"vouched_by": "somebody"},
        "customer": {"order": _with(order, customer=customer.model_copy(update={"customer_id": "C-else"}))},
        "address": {"order": _with(order, customer=customer.model_copy(update={"address": elsewhere}))},
        "paid by": {"order": _with(order, tenders=[tender.model_copy(update={"reference": "pi-else"})])},
        "note": {"items": [Item(line_id="1", quantity=1, reason=Reason.OTHER, note="another")]},
    }
    return changes.get(other, {})


def _with(order: Order, **changes: Any) -> Order:
    return order.model_copy(update=changes)


async def test_the_promise_is_kept_with_the_question(case: Callable[..., CasePlay], stage: Stage) -> None:
    """What lists are made of knows by when a fresh question is to be answered."""
    play = case()
    asked = await play.ask()
    kept = await get_case(stage.db, play.case_id)
    assert kept
    assert kept.view.answer_by is not None
    assert kept.view.answer_by == asked.summary.answer_by == (await play.view()).answer_by
