"""What the opening step decided and recorded, so that a replay reads nothing else.

It lands in the workflow's history, so it holds only what this return needs.
"""

from typing import Annotated

from pydantic import BaseModel, Field

from lifecycle.calendar.clock import Calendar
from lifecycle.contract.policy import Policy, Terms
from lifecycle.contract.view import Decision
from lifecycle.returns.eligibility import AllottedUnit, Decided
from lifecycle.returns.order_money import OrderMoney

#: Left out of the history where it does not hold, as most often.
Rare = Annotated[bool, Field(exclude_if=lambda holds: not holds)]


class Opening(BaseModel):
    """The decision, the units it concerns, and the terms and calendar the return keeps."""

    decision: Decision
    units: list[AllottedUnit]
    terms: Terms
    calendar: Calendar
    #: With this return's units back, the whole order is back: all others are.
    completes_order: Rare = False
    #: The same, once the units of other returns that are still open are back too.
    may_complete: Rare = False
    #: Those other returns: each may be the last.
    beside: list[str] = Field(default=[], exclude_if=lambda beside: not beside)
    #: One of the units that came back in other returns did so by the seller's fault.
    fault_elsewhere: Rare = False
    #: What stays with the customer of an order that is not paid in full, in minor units.
    stays: Annotated[int, Field(exclude_if=lambda amount: amount == 0)] = 0
    #: This return has claimed the order's original shipping, and may give it back.
    holds_shipping: Rare = False
    #: What this return holds of the order's money; None in histories from before money was claimed.
    claim: OrderMoney | None = Field(default=None, exclude_if=lambda claim: claim is None)
    #: Seconds a partner may take for one attempt, where the settings shorten the usual time.
    step_timeout: float | None = Field(default=None, exclude_if=lambda seconds: seconds is None)
    #: There are subscribers to its events.
    publishes: Rare = False
    #: A payment provider is told what each refund pays for.
    itemizes: Rare = False
    #: The limit is enforced in its last hour, see ``promise_clock``; in histories from before that, at its end.
    spreads: Rare = False


def make_opening(
    decided: Decided,
    policy: Policy,
    calendar: Calendar,
    step_timeout: float | None = None,
    *,
    publishes: bool = False,
    itemizes: bool = False,
) -> Opening:
    """What a return keeps of its decision and of the policy in force."""
    return Opening(
        decision=decided.decision,
        units=decided.units,
        terms=policy.terms(),
        calendar=calendar,
        completes_order=decided.completes_order,
        may_complete=_may_become_whole(decided, policy),
        beside=sorted(decided.waiting) if _may_become_whole(decided, policy) else [],
        fault_elsewhere=decided.fault_elsewhere,
        holds_shipping=decided.shipping_free and _may_give_shipping_back(decided, policy),
        stays=decided.stays,
        step_timeout=step_timeout,
        publishes=publishes,
        itemizes=itemizes,
        spreads=True,
    )


def _may_give_shipping_back(decided: Decided, policy: Policy) -> bool:
    """By a seller's fault only the return that completes the order gives the shipping back."""
    rule = policy.money.refund_original_shipping
    return rule == "always" or (rule == "seller_fault" and decided.completes_order)


def _may_become_whole(decided: Decided, policy: Policy) -> bool:
    """Whether it is not known yet which return completes the order, and so gives its shipping back."""
    by_fault = policy.money.refund_original_shipping == "seller_fault"
    return by_fault and decided.may_complete and not decided.completes_order and decided.shipping_free
