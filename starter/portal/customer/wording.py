"""Which words head the page of a return: its headline, its promise, and why something was declined."""

from collections.abc import Sequence
from typing import Final

from lifecycle.contract.policy import Policy
from lifecycle.contract.request import Method, Order, ReturnRequest
from lifecycle.contract.statuses import ENDED_UNSETTLED, SETTLED, Status
from lifecycle.contract.view import Acceptance, GoodsState, Reception, View
from lifecycle.returns.fees import WayBackCost, way_back_cost
from starter.portal.customer.begin_return.offers import Obstacle, obstacle
from starter.portal.customer.progress import ENDS_IN_MONEY, Progress, paid_otherwise
from starter.portal.shared.formats import Days
from starter.portal.shared.texts import t


def headline_of(view: View, known: Progress) -> str:
    """The key of the headline under ``headline``."""
    if known.estimates:
        return "estimate"
    if view.settlement.asked:
        return "asked"
    if known.way in ("label", "code", "choose", "booked") and view.status not in SETTLED:
        return known.way
    if view.status in ENDS_IN_MONEY:
        return _money_of(view)
    if view.goods.state is GoodsState.LOST and view.status not in SETTLED:
        return "lost"
    return view.status.value


def _money_of(view: View) -> str:
    if paid_otherwise(view):
        return view.settlement.paid_how
    return f"kept_{view.status}" if view.goods.state is GoodsState.KEPT else view.status.value


def promise_of(view: View, policy: Policy, days: Days) -> str:
    """By when it is settled, in words; for one that has ended, what that means."""
    if view.settlement.asked or any((unit.repair or {}).get("state") == "awaiting_customer" for unit in view.units):
        return t("promise.asked")
    if view.status in ENDED_UNSETTLED or view.status in SETTLED:
        return t(f"promise.{_end_of(view)}")
    if view.deadlines.target and view.escalated and view.deadlines.limit:
        return t("promise.late", day=days.day(view.deadlines.limit))
    if view.deadlines.target:
        return t("promise.by", day=days.day(view.deadlines.target))
    if view.status is Status.IN_REVIEW:
        return t("promise.in_review")
    starts = "received" if policy.clock.starts_on == "received" else _START[view.handover.method]
    return t(f"promise.from.{starts}", count=policy.clock.target_business_days)


def _end_of(view: View) -> str:
    if view.status is Status.REJECTED and any(unit.note for unit in view.units):
        return "noted"
    return view.settlement.paid_how if paid_otherwise(view) else view.status.value


_START: Final = {Method.MAIL: "mail", Method.PICKUP: "pickup", Method.DROP_OFF: "drop_off"}


def cost_of_way_back(view: View, request: ReturnRequest, policy: Policy) -> WayBackCost:
    """What sending it back costs; the request is as it came, so of changed items the reasons are not known."""
    changed = any(entry.event == "changed" and "items" in (entry.detail or "") for entry in view.timeline)
    reasons = [None if changed else item.reason for item in request.items]
    return way_back_cost(policy.money, view.handover.method, view.settlement.resolution, reasons)


def declined_of(view: View, order: Order, policy: Policy) -> Sequence[Obstacle]:
    """What stood in the way of the units that were declined."""
    if view.decision is None:
        return []
    refused = {
        unit.unit_id: unit.line_id
        for unit in view.units
        if unit.reception is Reception.NOT_EXPECTED and unit.acceptance is Acceptance.REJECTED
    }
    if words_of(view):
        return []
    found = dict.fromkeys(
        (refused[rule.unit_id] if rule.unit_id else None, rule.rule)
        for rule in view.decision.rules
        if rule.unit_id in refused or (rule.unit_id is None and view.status is Status.DECLINED)
    )
    return list(dict.fromkeys(obstacle(order, policy, line_id, rule) for line_id, rule in found))


def words_of(view: View) -> str | None:
    """What an operator wrote who turned the return down; None when nobody did."""
    entry = next((entry for entry in reversed(view.timeline) if entry.event == "declined"), None)
    return entry.detail if entry and entry.by != "engine" else None
