"""An order that is not paid in full: what was paid is for what the customer keeps, first of all."""

from collections.abc import Collection

from lifecycle.contract.orders.lines import FeeKind
from lifecycle.contract.view import Acceptance
from lifecycle.returns.prices import original_shipping
from lifecycle.returns.state import Return
from lifecycle.returns.units import UnitState


def still_owed(ret: Return, accepted: Collection[UnitState], besides: int) -> int:
    """What the customer has to pay for all that stays once these units are back, in minor units; 0 where all is paid.

    ``besides`` goes back of the shipping and of fees.
    """
    order = ret.request.order
    if order.payment_state.in_full:
        return 0
    back = {unit.unit_id for unit in accepted}
    back |= {unit.unit_id for unit in ret.counted if unit.settled and unit.acceptance is not Acceptance.REJECTED}
    staying = sum(unit.price.gross for unit in ret.counted if unit.unit_id not in back)
    return ret.opened.stays + staying + original_shipping(order) + order.paid_for_fees(frozenset(FeeKind)) - besides
