"""A step at a partner whose answer is lost happens once, whoever tries it again, and however."""

from collections.abc import AsyncIterator
from itertools import product
from typing import Any, get_args

import pytest

from tests.workflows.failures.actor import Actor
from tests.workflows.failures.cases import side_by_side
from tests.workflows.failures.losing import STEP_TIMEOUT, How, Losing, Loss, lossy_partners
from tests.workflows.failures.retrying import Again, Retried, play_again
from tests.workflows.failures.shop import Shop, another, opened

#: Every effect at a partner: a story that has it, and the step.
EFFECTS = {
    "refund": ("refund", "refund-t1"),
    "charge": ("exchange", "charge-t1"),
    "hold": ("advance_replacement", "place_hold"),
    "release": ("advance_replacement", "release_hold"),
    "capture": ("hold_captured", "capture_hold"),
    "label": ("refund", "buy_return_label"),
    "void": ("cancelled", "void_label"),
    "pickup": ("pickup", "book_pickup"),
    "drop-off code": ("drop_off", "create_drop_off_code"),
    "parcel": ("replacement", "ship"),
    "parcel back": ("rejected", "send_back"),
    "carrier's claim": ("lost", "carrier_claim"),
    "supplier": ("supplier", "send_to_supplier"),
}
HOW: tuple[How, ...] = get_args(How)
AGAIN: tuple[Again, ...] = get_args(Again)


def _tender(name: str, kind: str, captured: int, refunded: int = 0) -> dict[str, Any]:
    return {"tender_id": name, "kind": kind, "captured": captured, "refunded": refunded, "reference": name}


#: The order of the example comes to 130.90, the unit that comes back to 40.33: a tender that it empties, and others.
TENDERS = (
    ((_tender("t1", "card", 13090, 9057),), (("t1", 4033),)),
    ((_tender("t1", "gift_card", 4033), _tender("t2", "card", 13090)), (("t1", 4033),)),
    (
        (_tender("t1", "gift_card", 2000), _tender("t2", "gift_card", 2033), _tender("t3", "card", 13090)),
        (("t1", 2000), ("t2", 2033)),
    ),
)
_OF_MONEY = [
    Retried("refund", *EFFECTS["refund"], how, again, tenders, paid)
    for tenders, paid in TENDERS
    for how, again in product(HOW, AGAIN)
]
_OF_ALL = [Retried(name, *where, how, again) for name, where in EFFECTS.items() for how, again in product(HOW, AGAIN)]


@pytest.fixture(scope="module")
async def lossy(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[tuple[Shop, Losing]]:
    """A shop whose partners' answers can be lost."""
    with lossy_partners() as losing:
        async with opened(tmp_path_factory.mktemp("lossy"), step_timeout=STEP_TIMEOUT) as shop:
            yield shop, losing


@pytest.mark.crash
async def test_what_lost_its_answer_happens_once(lossy: tuple[Shop, Losing]) -> None:
    """Each effect, and each way for money; the ways take turns for the rest."""
    ways = list(product(HOW, AGAIN))
    turns = [case for number in range(len(EFFECTS)) for case in [_OF_ALL[number * len(ways) + number * 4 % len(ways)]]]
    money = [case for case in _OF_MONEY if case.how == "after" and len(case.tenders) == 2]
    assert await side_by_side(play_again(*lossy, case) for case in [*money, *turns]) == ""


async def test_what_a_provider_refuses_to_say_is_not_taken_for_a_refusal(lossy: tuple[Shop, Losing]) -> None:
    """It has paid, then it knows our key no more: an operator goes on without the refund, and sees that it was made."""
    shop, losing = lossy
    actor = Actor(shop, another("refund"))
    loss = losing.losses[actor.return_id] = Loss("refund-t1", "after", refuses=True)
    await actor.start()
    await actor.receive()
    await actor.inspect()
    view = await actor.until_it(lambda view: view.attention is not None, "in need of an operator")
    assert view.attention
    assert "not known whether this was done before" in view.attention.error
    loss.healed = True
    await actor.answer(view.attention, "skip")
    await actor.closed()
    assert [(paid.amount, paid.state) for paid in (await actor.view()).settlement.paid] == [(4033, "succeeded")]
    assert await actor.problems() == []


@pytest.mark.crash
@pytest.mark.parametrize("again", AGAIN)
@pytest.mark.parametrize("how", HOW)
async def test_every_effect_that_lost_its_answer_happens_once(
    lossy: tuple[Shop, Losing], how: How, again: Again
) -> None:
    cases = [case for case in [*_OF_MONEY, *_OF_ALL] if (case.how, case.again) == (how, again)]
    assert await side_by_side(play_again(*lossy, case) for case in cases) == ""
