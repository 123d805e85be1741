"""What return shipping costs the customer, as mails and pages say it: both ask here, so that they say the same."""

from collections.abc import Collection
from typing import Literal

from lifecycle.contract.request import Reason, Resolution
from lifecycle.returns.resolutions.table import rule_of
from lifecycle.returns.state import Return

#: ``free``; ``fee``: it is taken; ``unless_fault``: it is, unless the seller is at fault; ``unsaid``: it depends on
#: what they get in the end, which nobody knows yet.
ReturnShippingCost = Literal["free", "fee", "unless_fault", "unsaid"]


def return_shipping_cost(resolution: Resolution, reasons: Collection[Reason | None], fee: int) -> ReturnShippingCost:
    """By what they asked for, why, and the policy's ``return_shipping_fee``; None for a reason that is not known.

    The fee is taken once from money (CONTRACT section 3), and not if any accepted unit is the seller's fault.
    """
    if not fee:
        return "free"
    if rule_of(resolution).pays is None:
        return "unsaid"
    return "unless_fault" if any(reason is None or reason.sellers_fault for reason in reasons) else "fee"


def quoted_return_shipping_cost(ret: Return) -> ReturnShippingCost:
    """The same for a return as it is now."""
    fee = ret.opened.terms.money.return_shipping_fee
    if ret.money.fee_taken:
        return "unsaid"
    return return_shipping_cost(ret.request.resolution, [unit.reason for unit in ret.expected], fee)
