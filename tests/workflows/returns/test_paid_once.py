"""Money whose answer was lost is neither paid nor taken twice, however the step is tried again."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from sqlalchemy import select

from gateways.sandbox.tables import sandbox_refunds
from lifecycle.contract.grades import Grade
from lifecycle.contract.messages import ResolveAttention
from lifecycle.contract.view import View
from starter.demo.story import Stage, stage_at
from starter.local.up import Place, running
from tests.workflows.returns.play import Play, make_request
from tests.workflows.returns.trying_again import reset_workflow, updated
from workers.settings import Settings

#: One of them comes to 4033.
SHOES = {
    "line_id": "1",
    "sku": "SHOE-42",
    "title": "Trail shoe",
    "quantity": 3,
    "unit_price": 4000,
    "discount_total": 1000,
    "tax_total": 1100,
}
HAT = {"line_id": "1", "sku": "HAT", "title": "Hat", "quantity": 1, "unit_price": 4033}
GIFT = {"tender_id": "t1", "kind": "gift_card", "captured": 4033}
CARD = {"tender_id": "t2", "kind": "card", "captured": 13090, "reference": "card"}


@pytest.fixture(scope="module")
async def impatient(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stage]:
    """`homeward up`, where a step fails for good with its first failure."""
    place = Place(tmp_path_factory.mktemp("impatient"), temporal_port=0, ui_port=0, api_port=0)
    settings = Settings(data_dir=place.data_dir, give_up_after_seconds=0)
    async with running(settings, place) as ready, stage_at(ready) as stage:
        yield stage


async def refunds(stage: Stage, return_id: str) -> list[tuple[str, int]]:
    """Tender reference and amount of each refund in the provider's books, oldest first."""
    mine = sandbox_refunds.c.key.startswith(f"return-{return_id}/", autoescape=True)
    statement = select(sandbox_refunds).where(mine)
    rows = await stage.db.read(lambda connection: connection.execute(statement).mappings().all())
    return [(row["charge"], row["amount"]) for row in rows]


async def settle(story: Play, grade: Grade = Grade.A) -> View:
    """It comes back and is graded; then its payment waits for an operator."""
    await story.receive()
    await story.inspect(grade)
    return await story.attention()


async def answer(stage: Stage, story: Play, action: str, **more: str) -> None:
    message = ResolveAttention.model_validate({"by": "operator", "action": action} | more)
    await stage.homeward.resolve_attention(story.return_id, message)


@pytest.mark.parametrize(("line", "others"), [(SHOES, [CARD]), (HAT, [])])
async def test_a_refund_that_an_operator_has_tried_again_is_paid_once(
    impatient: Stage, line: dict[str, Any], others: list[Any]
) -> None:
    gift = f"gift-{len(others)} fault:after:1"
    story = Play(impatient, make_request(lines=[line], tenders=[GIFT | {"reference": gift}, *others]))
    await story.start()
    view = await settle(story)
    assert view.attention
    assert view.attention.step == "refund"
    await answer(impatient, story, "retry")
    await story.closed()
    assert await refunds(impatient, story.return_id) == [(gift, 4033)]
    view = await story.view()
    assert (view.status, view.attention) == ("refunded", None)
    assert [(paid.tender_id, paid.amount, paid.state) for paid in view.settlement.paid] == [("t1", 4033, "succeeded")]
    assert await story.mails() == ["label_sent", "refunded"]


async def test_what_was_paid_by_hand_and_by_the_provider_stays_with_an_operator(impatient: Stage) -> None:
    story = Play(impatient, make_request(tender="by hand fault:after"))
    await story.start()
    await settle(story)
    await answer(impatient, story, "mark_done", reference="bank transfer 77")
    view = await story.until_it(
        lambda view: view.attention is not None and "as well" in view.attention.error, "told of the second payment"
    )
    assert view.attention
    assert view.attention.step == "refund"
    assert [(paid.amount, paid.reference) for paid in view.settlement.paid] == [(4000, "bank transfer 77")]
    assert len(await refunds(impatient, story.return_id)) == 1
    await answer(impatient, story, "mark_done")
    await story.closed()
    assert [paid.reference for paid in (await story.view()).settlement.paid] == ["bank transfer 77"]


@pytest.mark.parametrize("word", ["after", "before"])
async def test_a_charge_that_was_made_is_shown_though_an_operator_skipped_it(impatient: Stage, word: str) -> None:
    dearer = [{"sku": f"DEAR-{word}", "quantity": 1, "unit_price": 4500}]
    request = make_request(resolution="exchange", exchange_for=dearer, tender=f"{word} fault:{word}")
    story = Play(impatient, request)
    await story.in_stock()
    await story.start()
    assert (await settle(story)).attention
    await answer(impatient, story, "skip")
    await story.closed()
    [paid] = (await story.view()).settlement.paid
    assert (paid.amount, paid.state) == (-500, "succeeded" if word == "after" else "failed")


@pytest.mark.parametrize(("first", "then"), [(Grade.A, Grade.C), (Grade.C, Grade.A)])
@pytest.mark.parametrize("action", ["mark_done", "skip"])
async def test_a_reset_return_that_comes_to_another_amount_shows_what_was_paid(
    impatient: Stage, first: Grade, then: Grade, action: str
) -> None:
    """Reset to before it was graded, and graded otherwise: what had been paid stands, a rest is paid besides."""
    tender = f"reset {first} {action} fault:after:1"
    story = Play(impatient, make_request(tender=tender))
    worth = {Grade.A: 4000, Grade.C: 2800}
    await story.start()
    await settle(story, first)
    client = impatient.clock.client
    await reset_workflow(client, story.handle.id, updated("record_inspection"), reapply=False)
    await story.inspect(then)
    said: dict[str, str] = {}
    while set(said) != {"refund", "restock"}:  # its grade is another one too
        view = await story.until_it(lambda view: bool(view.attention and view.attention.step not in said), "in need")
        assert view.attention
        said[view.attention.step] = view.attention.error
        assert await refunds(impatient, story.return_id) == [(tender, worth[first])]
        await answer(impatient, story, action, step=view.attention.step)
    assert f"(amount {worth[first]}; asked for now: amount {worth[then]})" in said["refund"]
    if worth[then] > worth[first]:  # the rest is a refund of its own, whose answer is lost in its turn
        await story.attention("refund")
        await answer(impatient, story, "retry")
    await story.closed()
    paid = [worth[first]] + ([worth[then] - worth[first]] if worth[then] > worth[first] else [])
    assert [amount for _, amount in await refunds(impatient, story.return_id)] == paid
    view = await story.view()
    assert [(entry.amount, entry.state) for entry in view.settlement.paid] == [(one, "succeeded") for one in paid]
    assert "paid_before" in await story.events()
