"""A return that is cancelled: while a step is under way, when one failed for good, or before anybody does anything."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from client.errors import NotAllowed, UnknownReturn
from lifecycle.contract.request import ReturnRequest
from lifecycle.contract.statuses import Status
from lifecycle.contract.view import SettlementState, View
from tests.workflows.failures.actor import Actor, came_to, ended
from tests.workflows.failures.paths import PATHS
from tests.workflows.failures.shop import Shop, another
from tests.workflows.failures.striking import Gate, Strike

#: Seconds that a step goes on after its return was asked to be cancelled.
_A_MOMENT = 0.2
_PAUSE = 0.1
_ENDED = (Status.CANCELLED, Status.DECLINED, Status.EXPIRED)
#: What the people of a story do, one after another.
_DEEDS = (
    "scan",
    "days",
    "receive",
    "receive_serials",
    "inspect",
    "verdicts",
    "reject",
    "change",
    "choose_slot",
    "approve",
    "cancel",
    "wipe",
    "override",
    "resolve",
    "mark_done",
    "answer_charge",
    "diagnose",
    "answer_estimate",
    "repair",
    "repair_for_the_shelf",
    "supplier_pays",
)


@dataclass
class Moment:
    """Before the so many-eth deed of a story; it counts the ``deeds``."""

    number: int
    deeds: int = 0
    reached: asyncio.Event = field(default_factory=asyncio.Event)
    opened: asyncio.Event = field(default_factory=asyncio.Event)


class Caller(Actor):
    """Whoever calls a return off; ``problems`` afterwards says what that has spoiled."""

    def __init__(self, shop: Shop, request: ReturnRequest, at: Gate | Strike | Moment) -> None:
        super().__init__(shop, request, at if isinstance(at, Strike) else None)
        self.at, self.wrong, self.allowed = at, list[str](), False
        if isinstance(at, Gate):
            shop.striking.gates[self.return_id] = at
        elif isinstance(at, Moment):
            for deed in _DEEDS:
                setattr(self, deed, self._counted(at, getattr(self, deed)))

    def _counted(self, moment: Moment, deed: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
        async def do(*given: Any, **more: Any) -> Any:
            moment.deeds += 1
            if moment.deeds == moment.number:
                moment.reached.set()
                await moment.opened.wait()
            return await deed(*given, **more)

        return do

    async def call_off(self, story: str) -> None:
        """Play the story up to the point, cancel, and bring to an end whatever comes of it."""
        self.waits = isinstance(self.at, Strike)
        playing = asyncio.ensure_future(PATHS[story](self))
        if not await came_to(self._reached(), playing):
            # A struck step that nobody is asked about leaves nothing to be cancelled.
            if not self.struck:
                self.wrong.append("it was never reached")
            return
        if self.waits:
            await ended(playing)
        self.allowed = await self._cancelled()
        if self.allowed or isinstance(self.at, Strike):
            await ended(playing)
            await self.finish()
        else:
            await playing
        self._judge(await self.view())

    async def _reached(self) -> None:
        if not isinstance(self.at, Strike):
            await self.at.reached.wait()
            return
        asked = None
        while not self.at.times or asked is None:
            await asyncio.sleep(_PAUSE)
            asked = await self._asked()

    async def _cancelled(self) -> bool:
        """Ask for it; whether it was allowed, which it has to be exactly where the contract says so."""
        before = await self._seen()
        asking = asyncio.ensure_future(self.cancel())
        if isinstance(self.at, Gate):
            await asyncio.wait({asking}, timeout=_A_MOMENT)
            self.at.opened.set()
        await asyncio.wait({asking})
        self.waits = False
        refusal = asking.exception()
        if refusal is None:
            if not may_cancel(before):
                self.wrong.append("cancelled although that was too late")
            return True
        if not isinstance(refusal, NotAllowed):
            raise refusal
        if may_cancel(before) and may_cancel(await self._seen()):
            self.wrong.append(f"refused: {refusal}")
        if isinstance(self.at, Moment):
            self.at.opened.set()
        return False

    async def _seen(self) -> View | None:
        """The view; null before there is a workflow to ask."""
        try:
            return await self.view()
        except (UnknownReturn, NotAllowed):
            return None

    def _judge(self, view: View) -> None:
        events = [entry.event for entry in view.timeline]
        told = events.count("cancelled")
        if told != int(self.allowed) and not (view.status is Status.CANCELLED and told == 1):
            self.wrong.append(f"the timeline says {told} times cancelled")
        # Its people may have gone on before they saw that: a parcel that comes all the same opens it again.
        if self.allowed and view.status is not Status.CANCELLED and "reopened" not in events:
            self.wrong.append(f"cancelled, but {view.status}")


async def deeds_of(shop: Shop, story: str) -> int:
    """How many deeds its people do when nobody cancels it."""
    none = Moment(0)
    await Caller(shop, another(story), none).call_off(story)
    return none.deeds


def may_cancel(view: View | None) -> bool:
    """Until handover or first settlement effect (CONTRACT section 2); not while the opening step needs an operator."""
    if view is None:
        return True
    if view.attention is not None and view.attention.step == "open":
        return False
    begun = view.settlement.state is not SettlementState.PENDING
    return not begun and view.handover.at is None and view.status not in _ENDED
