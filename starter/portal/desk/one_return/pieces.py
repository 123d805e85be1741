"""What the forms of one return's page speak of: lines that may still change, units with data on them."""

from collections import Counter
from dataclasses import dataclass
from typing import Final

from lifecycle.contract.request import Reason
from lifecycle.contract.view import Reception, Unit
from lifecycle.returns.units import IN_HAND
from starter.portal.desk.one_return.whole import Whole

#: Lines of an order that are offered to be changed: of a longer one, those that come back alone.
_MOST: Final = 20


@dataclass(frozen=True)
class ChangeableLine:
    """One line of the order: how many of it were bought and come back now, and why."""

    line_id: str
    title: str
    bought: int
    quantity: int
    reason: Reason
    note: str


def changeable(shown: Whole) -> list[ChangeableLine]:
    """The lines of which more or fewer may come back."""
    if shown.of is None:
        return []
    asked = {item.line_id: item for item in shown.of.items}
    coming = Counter(unit.line_id for unit in shown.view.units if unit.reception is not Reception.NOT_EXPECTED)
    lines = shown.of.order.lines
    if len(lines) > _MOST:
        lines = [line for line in lines if coming[line.line_id] or line.line_id in asked]
    return [
        ChangeableLine(
            line.line_id,
            line.title or line.sku,
            line.quantity,
            coming[line.line_id],
            asked[line.line_id].reason if line.line_id in asked else Reason.UNWANTED,
            (asked[line.line_id].note or "") if line.line_id in asked else "",
        )
        for line in lines
    ]


def unwiped(shown: Whole) -> list[Unit]:
    """Units that are here, may hold the customer's data, and of which nobody has said that it is gone."""
    personal = {line.line_id for line in shown.of.order.lines if line.holds_personal_data} if shown.of else set()
    here = (unit for unit in shown.view.units if unit.reception in IN_HAND and unit.wiped is None)
    return [unit for unit in here if unit.line_id in personal]
