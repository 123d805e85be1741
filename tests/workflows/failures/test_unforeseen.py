"""A step that fails by a fault of our own is tried again, fails for good, and waits for an operator as any other."""

import asyncio
from contextlib import suppress

from temporalio.service import RPCError

from client.errors import NotAllowed
from lifecycle.contract.grades import Grade
from lifecycle.contract.messages import ResolveAttention
from lifecycle.contract.view import Attention, View
from tests.workflows.failures.cases import side_by_side
from tests.workflows.failures.shop import Shop, another
from tests.workflows.failures.striking import BUG, STRUCK, Strike
from tests.workflows.returns.play import Play

#: Steps by their activity ids, and what attention calls their kind.
_STEPS = [("open", "open"), ("buy_return_label", "label"), ("refund-t1", "refund"), ("restock", "restock")]


async def test_it_waits_for_an_operator_who_answers_by_either_name(shop: Shop) -> None:
    answers = [(step, kind, name) for step, kind in _STEPS for name in (kind, "unforeseen", None)]
    assert await side_by_side(played(shop, *answer) for answer in answers) == ""


async def played(shop: Shop, step: str, kind: str, name: str | None) -> list[str]:
    """Play a refund with that step struck, and answer it by that name; what is wrong then, in words."""
    story, strike = Play(shop.stage, another("refund")), Strike(step, "before", BUG)
    shop.striking.strikes[story.return_id] = strike
    telling = asyncio.ensure_future(_told(story))
    asked = await _asked(story)
    problems = [] if asked.step == "unforeseen" else [f"it is called {asked.step}"]
    if not asked.error.startswith(f"{kind}: RuntimeError at striking.py:") or STRUCK in asked.error:
        problems.append(f"it says {asked.error}")
    if kind == "refund" and (await story.view()).settlement.state != "failed":
        problems.append("the settlement has not failed")
    strike.healed = True
    answer = ResolveAttention(by="operator", action="retry", step=name)
    with suppress(NotAllowed):
        skipping = answer.model_copy(update={"action": "skip"})
        if kind == "open":
            await shop.stage.homeward.resolve_attention(story.return_id, skipping)
            problems.append("it went on without its opening")
    await shop.stage.homeward.resolve_attention(story.return_id, answer)
    await telling
    view = await story.view()
    if view.status != "refunded" or view.attention or strike.times < 2:
        problems.append(f"{view.status}, tried {strike.times} times")
    return [f"{step} by {name}: {problem}" for problem in problems]


async def _told(story: Play) -> None:
    await story.start()
    await story.receive()
    await story.inspect(Grade.A)
    await story.closed()


async def _asked(story: Play) -> Attention:
    """What an operator is asked, as the workflow itself says."""
    for _ in range(600):
        with suppress(RPCError):
            asked = View.model_validate(await story.handle.query("view")).attention
            if asked is not None:
                return asked
        await asyncio.sleep(0.1)
    raise TimeoutError(f"{story.return_id}: nobody is asked")
