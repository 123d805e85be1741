"""How a return shows itself: the whole view, and the short summary that updates answer with."""

from datetime import datetime

from lifecycle.contract.request import Method
from lifecycle.contract.view import (
    Attention,
    Deadlines,
    DropOff,
    Goods,
    Handover,
    Hold,
    Paid,
    Pickup,
    Settlement,
    Summary,
    Unit,
    View,
)
from lifecycle.returns.settlement.agreement import asked_of
from lifecycle.returns.settlement.settling import owed, resolution_of
from lifecycle.returns.state import Return
from lifecycle.returns.units import UnitState
from lifecycle.returns.views.status import goods_of, status_of


def view_of(ret: Return) -> View:
    """The view of CONTRACT section 6."""
    return View(
        return_id=ret.return_id,
        order_id=ret.request.order.order_id,
        status=status_of(ret),
        closed=ret.closed,
        decision=ret.decision,
        settlement=_settlement(ret),
        goods=Goods(state=goods_of(ret)),
        handover=_handover(ret),
        units=[_unit(unit) for unit in ret.units],
        extras=ret.extras,
        deadlines=Deadlines.model_validate(ret.dates, from_attributes=True),
        escalated=ret.escalated,
        attention=_attention(ret),
        timeline=ret.timeline,
    )


def _handover(ret: Return) -> Handover:
    parcel = ret.parcels[0] if ret.parcels else None
    way, method = ret.way, ret.request.method
    return Handover(
        method=method,
        tracking_code=parcel.tracking_code if parcel else None,
        label_url=parcel.label_url if parcel else None,
        at=ret.dates.handed_over,
        pickup=Pickup(slots=list(way.slots), booked=way.booked) if method is Method.PICKUP else None,
        drop_off=DropOff(points=way.points, code=way.code) if method is Method.DROP_OFF else None,
    )


def summary_of(ret: Return) -> Summary:
    """The short answer: where it stands, what is owed, by when."""
    attention = _attention(ret)
    return Summary(
        return_id=ret.return_id,
        order_id=ret.request.order.order_id,
        status=status_of(ret),
        amount=owed(ret)[0],
        currency=ret.request.order.currency,
        resolve_by=resolve_by(ret),
        escalated=ret.escalated,
        attention=attention.step if attention else None,
    )


def summary_of_view(view: View) -> Summary:
    """The short answer that updates give, from a view."""
    deadline = view.deadlines.limit if view.escalated else view.deadlines.target
    return Summary(
        return_id=view.return_id,
        order_id=view.order_id,
        status=view.status,
        amount=view.settlement.amount,
        currency=view.settlement.currency,
        resolve_by=deadline,
        escalated=view.escalated,
        attention=view.attention.step if view.attention else None,
    )


def resolve_by(ret: Return) -> datetime | None:
    """The next promise to the customer: the target, after it the limit; None before the clock runs."""
    return ret.dates.limit if ret.escalated else ret.dates.target


def _settlement(ret: Return) -> Settlement:
    amount, breakdown = owed(ret)
    return Settlement(
        state=ret.settlement,
        resolution=resolution_of(ret),
        amount=amount,
        currency=ret.request.order.currency,
        breakdown=breakdown,
        paid=[
            Paid.model_validate(payment, from_attributes=True)
            for payment in ret.money.payments
            if payment.state != "planned"
        ],
        hold=hold_of(ret),
        asked=asked_of(ret),
    )


def hold_of(ret: Return) -> Hold | None:
    """The hold on the card, once there is one."""
    hold = ret.hold
    if hold is None or hold.state in {"placing", "none"}:
        return None
    return Hold.model_validate(hold, from_attributes=True)


def _attention(ret: Return) -> Attention | None:
    oldest = next(iter(ret.open_steps), None)
    return Attention.model_validate(oldest, from_attributes=True) if oldest else None


def _unit(unit: UnitState) -> Unit:
    """What is shown of a unit is called as its state calls it, but for its wipe and its repair."""
    wiped, bench = unit.wiped, unit.bench
    said = {"by": wiped.by, "how": wiped.how, "at": wiped.at.isoformat()} if wiped else None
    repair = {"state": bench.state, "estimate": bench.estimate, "workflow_id": bench.workflow_id} if bench else None
    return Unit.model_validate({**vars(unit), "wiped": said, "repair": repair})
