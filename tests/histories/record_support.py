"""The paths of a support case; ``record`` writes their histories into ``support``."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

from client.errors import NotAllowed
from gateways.orders.database import keep_orders
from gateways.orders.protocol import FoundOrder
from lifecycle.support.messages import WantedReturn
from starter.demo.story import Stage
from tests.histories.recording import RELEASE, write_history
from tests.support.cases import CasePlay, make_question
from tests.workflows.returns.play import make_request

FOLDER = RELEASE / "support"


async def settled(play: CasePlay) -> None:
    """Asked, answered, asked again, answered, closed by the customer."""
    await play.answer("Which one is it?")
    await play.say("The left one")
    await play.answer("A new one is on its way")
    await play.close()


async def silent(play: CasePlay) -> None:
    """Answered too late, then nothing more is said."""
    await play.until_due(minutes=1)
    await play.until_mails("support_received", "support_escalated")
    await play.answer("Sorry for the wait")
    await play.pass_time(timedelta(days=8.1))


async def became_return(play: CasePlay) -> None:
    """Refused once for what was missing, then a return, while the customer writes."""
    request = make_request()
    try:
        await play.make_return(WantedReturn(order=request.order))
    except NotAllowed:
        await asyncio.gather(
            play.make_return(WantedReturn(order=request.order, items=request.items)), play.say("I found the box")
        )


async def called_off(play: CasePlay) -> None:
    """Closed by a cancel request from outside."""
    await play.handle.cancel()


async def proved(play: CasePlay) -> None:
    """The customer follows a mail's link, twice, and then settles it."""
    await play.answer("Like this")
    for _ in range(2):
        await play.support.prove(play.case_id)
        await play.until(play.view, lambda view: view.address.proved)
    await play.close()


async def anonymous(play: CasePlay) -> None:
    """Asked by a form, so that whose address it is takes a step of its own; answered, and settled."""
    await play.until_mails("support_received")
    await play.answer("Like this")
    await play.close()


PATHS: dict[str, Callable[[CasePlay], Awaitable[None]]] = {
    "settled": settled,
    "silent": silent,
    "became_return": became_return,
    "called_off": called_off,
    "proved": proved,
    "anonymous": anonymous,
}


async def record(stage: Stage) -> None:
    """Play every path and write its history."""
    for name, tell in PATHS.items():
        play = CasePlay(stage, make_question(**await _asked(stage, name)))
        await play.ask()
        await tell(play)
        await play.ended()
        await write_history(FOLDER / f"{name}.json", play.handle)


async def _asked(stage: Stage, name: str) -> dict[str, Any]:
    """What the question of a path says besides."""
    if name != "anonymous":
        return {}
    order = make_request().order
    await keep_orders(stage.db, [FoundOrder(order)])
    return {"order_id": order.order_id, "email": order.customer.email, "anonymous": True}
