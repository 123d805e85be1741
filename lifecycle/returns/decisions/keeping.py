"""Goods that stay with the customer: when they do, and that no parcel is awaited then; they are settled at once."""

from collections import Counter
from datetime import datetime

from lifecycle.contract.view import Reception
from lifecycle.returns.prices import paid_prices
from lifecycle.returns.resolutions.table import rule_of
from lifecycle.returns.settlement.settling import worth_as_new
from lifecycle.returns.state import Return, these


def stay(ret: Return) -> bool:
    """Whether the goods stay with the customer: they get money alone, and sending it back costs more than it is worth.

    Worth as new, that is, and strictly less than the policy's bound; what has been handed over does not stay. Goods
    are worth no less for what was given back for them.
    """
    bound = ret.opened.terms.keep_item_below
    may_stay = bound > 0 and not ret.handed_over and rule_of(ret.request.resolution).money_only
    return may_stay and worth_as_new(ret) + _given_back_before(ret) < bound


def _given_back_before(ret: Return) -> int:
    order = ret.request.order
    lines = {line.line_id: line for line in order.lines if line.refunded_total}
    units = Counter(unit.line_id for unit in ret.expected if unit.line_id in lines)
    paid = {line_id: paid_prices(lines[line_id], order.prices_include_tax)[0].gross for line_id in units}
    now = sum(unit.price.gross for unit in ret.expected if unit.line_id in lines)
    return sum(paid[line_id] * number for line_id, number in units.items()) - now


def let_keep(ret: Return, now: datetime) -> None:
    """All units that were to come stay where they are."""
    kept = ret.expected
    for unit in kept:
        unit.reception, unit.kept = Reception.NOT_EXPECTED, True
    ret.note(now, "kept", detail=", ".join(unit.unit_id for unit in kept), about=these(kept))
