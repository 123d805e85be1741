"""What was done with a return, and what happens now, as sentences of the catalogue."""

from collections import Counter

from lifecycle.contract.request import ReturnRequest
from lifecycle.contract.statuses import SETTLED, Status
from lifecycle.contract.view import Acceptance, Reception, Unit, View
from lifecycle.returns.orphaned import is_orphaned
from lifecycle.returns.units import COMING, IN_HAND
from starter.portal.shared.formats import money
from starter.portal.shared.steps import step_name
from starter.portal.shared.texts import t
from starter.portal.warehouse.grading import in_hand

#: A return that takes nothing in says why, and where the parcel goes.
_SHUT = frozenset({Status.IN_REVIEW, Status.DECLINED})


def shut(view: View) -> str | None:
    """The key of why this return takes no parcel; None when it does."""
    if is_orphaned(view):
        return "orphaned"
    if view.decision is None:
        return "undecided"
    if view.status in _SHUT:
        return view.status.value
    return "closed" if view.closed else None


def done(view: View, request: ReturnRequest) -> list[str]:
    """What the warehouse has of it, and where each unit goes."""
    expected = [unit for unit in view.units if unit.reception is not Reception.NOT_EXPECTED]
    here = [unit for unit in expected if unit.reception in IN_HAND]
    said = [t("warehouse.done.received", here=len(here), all=len(expected))]
    titles = {line.line_id: line.title or line.sku for line in request.order.lines}
    places = Counter((titles[unit.line_id], _verdict(unit), unit.disposition) for unit in here if unit.disposition)
    for (title, verdict, disposition), number in places.items():
        goes = t(f"warehouse.disposition.{disposition}")
        said.append(t("warehouse.done.goes", number=number, title=title, verdict=verdict, goes=goes))
    return said


def _verdict(unit: Unit) -> str:
    if unit.acceptance is Acceptance.REJECTED:
        return t("warehouse.done.rejected")
    return t("warehouse.done.grade", grade=unit.grade or "-")


def now(view: View, request: ReturnRequest, *, awaited: bool = True) -> list[str]:
    """What happens now: what is still awaited, what the customer gets, who has to act."""
    units = in_hand(view, request)
    coming = sum(unit.reception in COMING for unit in view.units)
    counted = {
        "awaited": coming if awaited and not ended(view) else 0,
        "ungraded": len(units.waiting),
        "on_bench": sum(not _repaired(unit.unit) for unit in units.on_bench),
        "unwiped": len(units.unwiped),
    }
    said = [t(f"warehouse.now.{name}", count=number) for name, number in counted.items() if number]
    if view.attention:
        said.append(t("warehouse.now.attention", step=step_name(view.attention.step)))
    if asked := view.settlement.asked:
        said.append(t("warehouse.now.asked", amount=money(asked.amount, view.settlement.currency)))
    elif view.status in SETTLED or view.status is Status.SETTLING:
        amount = money(abs(view.settlement.amount), view.settlement.currency)
        said.append(t(f"warehouse.now.{view.status}", amount=amount))
    return said


def ended(view: View) -> str | None:
    """How it ended before anything came; a parcel that comes all the same opens it again."""
    return view.status.value if view.status in _ENDED else None


_ENDED = frozenset({Status.CANCELLED, Status.EXPIRED})


def _repaired(unit: Unit) -> bool:
    return unit.repair is not None and unit.repair["state"] in ("done", "refused", "unrepairable")
