"""What a return does besides label and refund: stock, card holds, parcels to the customer, bench, supplier.

Errands are on the return's agenda; those of one track go one after another, tracks go side by side.
"""

from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import partial

from temporalio import workflow
from temporalio.exceptions import FailureError

from client.names import return_workflow_id
from workflows.returns.card_hold import CardErrands
from workflows.returns.onward_journeys import GoodsErrands
from workflows.returns.step_runner import Attempts
from workflows.shared.steps import ByHand, Names

with workflow.unsafe.imports_passed_through():
    from activities.returns.outbound import OutboundActivities, ReserveInput, ShipInput, Shipped, Thing, UnreserveInput
    from lifecycle.contract.view import Status
    from lifecycle.returns.agenda import Errand
    from lifecycle.returns.goods import outbound, repair_bench
    from lifecycle.returns.settlement.payments import promised_now
    from lifecycle.returns.settlement.settling import settled_status, tell_rejected
    from lifecycle.returns.settlement.statement import statement_of
    from lifecycle.returns.state import Return, Wanted


#: Kinds that must not overtake each other share a track.
_TRACKS = {
    "reserve": "stock",
    "unreserve": "stock",
    "hold": "hold",
    "unhold": "hold",
    "capture": "hold",
    "ship": "ship",
    "send_back": "send_back",
    "supply": "supply",
    "refit": "refit",
    "tell_beside": "beside",
}


class Errands:
    """Does the errands of one return; ``stir`` is called after each."""

    def __init__(self, ret: Return, names: Names, attempts: Attempts, stir: Callable[[], None]) -> None:
        self._ret = ret
        self._names = names
        self._attempts = attempts
        self._stir = stir
        self.card = CardErrands(ret, names, attempts)
        goods = GoodsErrands(ret, names, attempts)
        self._work: dict[str, Callable[[Errand], Awaitable[None]]] = {
            "reserve": self._reserve,
            "unreserve": self._unreserve,
            "hold": self.card.hold,
            "unhold": self.card.unhold,
            "capture": self.card.capture,
            "ship": self._ship,
            "send_back": self._send_back,
            "mend": goods.mend,
            "supply": goods.supply,
            "refit": goods.refit,
            "tell_beside": _tell_beside,
        }

    def tracks(self) -> dict[str, Callable[[], Awaitable[None]]]:
        """What waits to be done, by track. Each unit on the bench is a track of its own."""
        found: dict[str, Callable[[], Awaitable[None]]] = {}
        for errand in self._ret.agenda.errands:
            track = _track_of(errand)
            found.setdefault(f"errands-{track}", partial(self._do, track))
        return found

    async def _do(self, track: str) -> None:
        errands = self._ret.agenda.errands
        while mine := [errand for errand in errands if _track_of(errand) == track]:
            await self._work[mine[0].kind](mine[0])
            errands.remove(mine[0])
            self._stir()

    # Stock

    async def _reserve(self, errand: Errand) -> None:
        ret = self._ret
        asked = [thing for thing in outbound.things(ret, errand.about) if thing.state in outbound.SOUGHT]
        if not asked:
            return
        name = self._names.next("reserve")
        for thing in asked:
            thing.step = name
        given = ReserveInput(return_id=ret.return_id, step=name, things=_things(ret, asked), now=workflow.now())
        found = await self._attempts.step(
            "reserve",
            OutboundActivities.reserve,
            given,
            summary="Reserve stock",
            partner="inventory",
        )
        if not isinstance(found, list):
            outbound.forget_reservations(ret, asked)  # what the step may have made all the same
            found = [thing.name for thing in asked] if isinstance(found, ByHand) else []
        outbound.reserved(ret, asked, found, workflow.now())

    async def _unreserve(self, errand: Errand) -> None:
        name = self._names.next("unreserve")
        given = UnreserveInput(
            return_id=self._ret.return_id, step=name, reservations=list(errand.about), now=workflow.now()
        )
        await self._attempts.step(
            "unreserve",
            OutboundActivities.unreserve,
            given,
            summary="Give stock free",
            partner="inventory",
        )

    # Parcels to the customer

    async def _ship(self, errand: Errand) -> None:
        ret = self._ret
        going = [thing for thing in outbound.things(ret, errand.about) if thing.state == "due"]
        if not going:
            return
        name = self._names.next("ship")
        template = settled_status(ret).value
        given = ShipInput(
            return_id=ret.return_id,
            step=name,
            items=_counted(going),
            reservations=[outbound.reservation(thing) for thing in going if thing.step],
            template=template if template in ("replaced", "exchanged", "repaired") else "replaced",
            now=workflow.now(),
            amount=promised_now(ret),
            statement=statement_of(ret),
        )
        sent = await self._attempts.step(
            "ship",
            OutboundActivities.ship,
            given,
            summary=f"Send {len(going)} of what the customer gets instead",
            partner="carrier",
        )
        names = {thing.name for thing in going}
        if isinstance(sent, Shipped):
            ret.money.told = True
            outbound.shipped(ret, names, sent.tracking_code, workflow.now())
        elif isinstance(sent, ByHand):
            ret.agenda.void_but(name, sent.reference)
            await self._by_hand(given)
            outbound.shipped(ret, names, sent.reference, workflow.now())
        else:
            ret.agenda.void.append(name)
            outbound.drop_things(ret, going)
        self._leave_the_shop(going)

    async def _by_hand(self, given: ShipInput) -> None:
        """A person sent it: our own shelves follow."""
        name = self._names.next("take_from_shelves")
        if given.reservations:
            await self._attempts.step(
                "take_from_shelves",
                OutboundActivities.take_from_shelves,
                given.model_copy(update={"step": name}),
                summary="Take it off the shelves",
                partner="inventory",
            )

    def _leave_the_shop(self, going: list[Wanted]) -> None:
        for thing in going:
            if thing.own and thing.state == "shipped":
                repair_bench.went_home(self._ret, thing.name)

    async def _send_back(self, errand: Errand) -> None:
        ret, units = self._ret, [unit for unit in self._ret.units if unit.unit_id in errand.about]
        name = self._names.next("send_back")
        reasons = "; ".join(f"{unit.unit_id}: {unit.note}" for unit in units if unit.note)
        wholly = settled_status(ret) is Status.REJECTED
        given = ShipInput(
            return_id=ret.return_id,
            step=name,
            items=[(unit.sku, 1) for unit in units],
            reservations=[],
            template="rejected" if wholly else "sent_back",
            now=workflow.now(),
            reasons=reasons or None,
            statement=statement_of(ret) if wholly else None,
        )
        sent = await self._attempts.step(
            "send_back",
            OutboundActivities.ship,
            given,
            summary=f"Send {len(units)} rejected back to the customer",
            partner="carrier",
        )
        if wholly and not isinstance(sent, Shipped):
            tell_rejected(ret)
        if sent is None:
            ret.agenda.void.append(name)
            return
        if isinstance(sent, ByHand):
            ret.agenda.void_but(name, sent.reference)
        code = sent.tracking_code if isinstance(sent, Shipped) else sent.reference
        if code:
            ret.sent_back.append(code)
        ret.note(workflow.now(), "sent_back", detail=f"{', '.join(errand.about)} {code or ''}".rstrip())


async def _tell_beside(errand: Errand) -> None:
    """One that has closed meanwhile has said already what became of its units."""
    for return_id in errand.about:
        with suppress(FailureError):
            await workflow.get_external_workflow_handle(return_workflow_id(return_id)).signal("order_may_be_whole")


def _track_of(errand: Errand) -> str:
    return f"mend-{errand.about[0]}" if errand.kind == "mend" else _TRACKS[errand.kind]


def _counted(going: list[Wanted]) -> list[tuple[str, int]]:
    counts: Counter[str] = Counter()
    for thing in going:
        counts[thing.sku] += thing.quantity
    return list(counts.items())


def _things(ret: Return, asked: list[Wanted]) -> list[Thing]:
    titles = {line.sku: line.title for line in ret.request.order.lines}
    return [
        Thing(name=thing.name, sku=thing.sku, quantity=thing.quantity, title=titles.get(thing.sku, ""))
        for thing in asked
    ]
