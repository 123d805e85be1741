"""What the policy says to a request: unit by unit where it can (CONTRACT section 5)."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from fractions import Fraction
from itertools import islice
from typing import Final
from zoneinfo import ZoneInfo

from pydantic import BaseModel, Field

from lifecycle.contract.money import format_money
from lifecycle.contract.policy import Policy
from lifecycle.contract.request import Item, Line, Method, Order, Reason, ReturnRequest
from lifecycle.contract.resolutions import Resolution
from lifecycle.contract.view import Decision, FiredRule, Outcome, RuleName
from lifecycle.returns.order_money import NO_BOOKS, Books
from lifecycle.returns.prices import unit_prices
from lifecycle.returns.resolutions.table import rule_of

#: The order's original shipping is claimed like a unit: it goes back once.
SHIPPING = "shipping"
_SPENT = (RuleName.ALREADY_RETURNED, "it has come back, or another return holds it")
_UNDELIVERED = (RuleName.NOT_DELIVERED, "it has not been delivered yet")

#: How far back returns of the same customer count (CONTRACT section 5, review_after_returns).
FREQUENT_WINDOW: Final = timedelta(days=90)


@dataclass(frozen=True)
class ClaimedUnit:
    """A unit that another return holds; ``back``: it is really back, accepted for money or lost on its way."""

    return_id: str
    sellers_fault: bool = False
    back: bool = False


@dataclass(frozen=True)
class Facts:
    """What the database knows, of other returns only."""

    claimed: Mapping[str, ClaimedUnit] = field(default_factory=dict)
    shipping_claimed: bool = False
    customer_returns: int = 0
    #: Units that are back with the customer, each with the return that rejected it.
    rejected: Mapping[str, str] = field(default_factory=dict)
    books: Books = NO_BOOKS


class AllottedUnit(BaseModel):
    """One unit of a line, named for one item of the request."""

    unit_id: str
    line_id: str
    item: int
    allowed: bool
    #: Whether a repair costs the customer nothing; None is no.
    in_warranty: bool | None = Field(default=None, exclude_if=lambda known: known is None)


@dataclass(frozen=True)
class Decided:
    """The decision, its units, and what the money needs to know of the rest of the order.

    ``completes_order``: all other units are back; ``may_complete``: all are back or may come back in the
    returns that hold them.
    """

    decision: Decision
    units: list[AllottedUnit]
    completes_order: bool
    fault_elsewhere: bool
    shipping_free: bool
    may_complete: bool = False
    #: Other returns whose units are not back yet.
    waiting: frozenset[str] = frozenset()
    #: What all other units that have not come back cost, of an order that is not paid in full.
    stays: int = 0


def unit_id(line_id: str, number: int) -> str:
    """The name of a line's n-th unit, n from 1."""
    return f"{line_id}-{number}"


def _unit_ids(line: Line) -> list[str]:
    return [unit_id(line.line_id, number) for number in range(1, line.quantity + 1)]


def decide(request: ReturnRequest, policy: Policy, facts: Facts, now: datetime) -> Decided:
    """Apply every rule: the allowed units go on, the others stay listed as declined."""
    spent = _spent(request.order, facts.claimed)
    whole = list(_of_the_request(request, policy))
    units, rules = [], list(whole)
    judged = judge_items(request, policy, now)
    gone = dict.fromkeys(spent, _SPENT) | dict.fromkeys(_unshipped(request.order, spent), _UNDELIVERED)
    for name, number in _allot(request, gone, facts.rejected):
        item = judged[number]
        fired = [*item.fired, gone[name]] if name in gone else item.fired
        rules += [FiredRule(rule=rule, unit_id=name, detail=detail) for rule, detail in fired]
        allowed = item.allowed and name not in gone
        unit = AllottedUnit(unit_id=name, line_id=request.items[number].line_id, item=number, allowed=allowed)
        if item.in_warranty:
            unit.in_warranty = True
        units.append(unit)
    rules += _decline_parts_of_sets(request, units)
    allowed_ids = {unit.unit_id for unit in units if unit.allowed}
    review = list(_review(request, policy, facts, allowed_ids)) if allowed_ids else []
    bent = any(rule.rule is RuleName.FINAL_SALE and rule.unit_id in allowed_ids for rule in rules)
    outcome = _outcome(units, review=bool(review) or bent)
    return Decided(
        decision=Decision(outcome=outcome, rules=rules + review),
        units=units,
        completes_order=is_back(request.order, facts.claimed, allowed_ids),
        fault_elsewhere=any(claim.sellers_fault and claim.back for claim in facts.claimed.values()),
        shipping_free=not facts.shipping_claimed,
        may_complete=_every_unit(request.order) <= allowed_ids | spent,
        waiting=frozenset(claim.return_id for claim in facts.claimed.values() if not claim.back),
        stays=_stays(request.order, spent | allowed_ids),
    )


@dataclass(frozen=True)
class Judged:
    """What the rules say to every unit of one item, as long as it is free; ``fired`` with details."""

    fired: list[tuple[RuleName, str]]
    allowed: bool
    in_warranty: bool


def judge_items(request: ReturnRequest, policy: Policy, now: datetime) -> list[Judged]:
    """Judge each item once, for all of its units."""
    whole, judged = any(_of_the_request(request, policy)), []
    bends = {RuleName.FINAL_SALE} if policy.eligibility.final_sale == "review" else set()
    for item in request.items:
        line = request.order.line(item.line_id)
        fired = list(_of_the_item(request, policy, line, item, now))
        allowed = not whole and all(rule in bends for rule, _ in fired)
        judged.append(Judged(fired, allowed, in_warranty(request.order, policy, line, item, now)))
    return judged


def methods_of(order: Order, policy: Policy) -> list[Method]:
    """How goods of the order can come back: without an address there is nothing that a carrier could fetch."""
    offered = policy.handover.methods
    return offered if order.customer.address else [method for method in offered if method is Method.MAIL]


def free_units(order: Order, facts: Facts) -> dict[str, int]:
    """How many units of each line were shipped, have not come back, and are held by no return."""
    spent = _spent(order, facts.claimed)
    gone = spent | _unshipped(order, spent)
    return {line.line_id: sum(name not in gone for name in _unit_ids(line)) for line in order.lines}


def is_back(order: Order, claimed: Mapping[str, ClaimedUnit], own: Collection[str]) -> bool:
    """Whether, with one return's own units, the whole order is back: also what came back by no return of ours."""
    waiting = {name for name, claim in claimed.items() if not claim.back}
    return _every_unit(order) <= {*own, *(_spent(order, claimed) - waiting)}


def _every_unit(order: Order) -> set[str]:
    return {name for line in order.lines for name in _unit_ids(line)}


def _instead_of_personal(request: ReturnRequest) -> Resolution | None:
    """What a unit that holds personal data gets, where it cannot have what was asked for (CONTRACT section 7)."""
    personal = any(request.order.line(item.line_id).holds_personal_data for item in request.items)
    return rule_of(request.resolution).if_personal if personal else None


def _outcome(units: list[AllottedUnit], *, review: bool) -> Outcome:
    if not any(unit.allowed for unit in units):
        return Outcome.DECLINED
    if review:
        return Outcome.REVIEW
    return Outcome.ALLOWED if all(unit.allowed for unit in units) else Outcome.PARTIAL


def _decline_parts_of_sets(request: ReturnRequest, units: list[AllottedUnit]) -> Iterator[FiredRule]:
    """For money a set comes back whole, its price being that of one line; a part alone is repaired or replaced."""
    if rule_of(request.resolution).pays is None or not any(line.part_of for line in request.order.lines):
        return
    allowed = Counter(unit.line_id for unit in units if unit.allowed)
    for unit in units:
        whole, *parts = request.order.set_of(request.order.line(unit.line_id))
        sets = Fraction(allowed[whole.line_id], whole.quantity)
        if unit.allowed and any(Fraction(allowed[part.line_id], part.quantity) != sets for part in parts):
            unit.allowed = False
            yield FiredRule(rule=RuleName.SET, unit_id=unit.unit_id, detail="its set comes back as a whole")


def _spent(order: Order, claimed: Mapping[str, ClaimedUnit]) -> set[str]:
    """Units that cannot come back again (CONTRACT section 3, already_returned).

    Those claimed, by name; where the line's own count is larger, the first unclaimed ones besides.
    """
    spent = set(claimed)
    for line in order.lines:
        names = _unit_ids(line)
        free = [name for name in names if name not in claimed]
        spent.update(free[: max(0, line.returned_quantity - (len(names) - len(free)))])
    return spent


def _unshipped(order: Order, spent: Collection[str]) -> set[str]:
    """Units that the customer does not have yet: the last of those of a line that are not spent."""
    unshipped: set[str] = set()
    for line in order.lines:
        if line.shipped_quantity is not None:
            names = _unit_ids(line)
            free = [name for name in names if name not in spent]
            unshipped.update(free[max(0, line.shipped_quantity - (len(names) - len(free))) :])
    return unshipped


def _allot(request: ReturnRequest, gone: Collection[str], rejected: Collection[str]) -> Iterator[tuple[str, int]]:
    """Units for each item, the free ones of its line first, in unit order; what was rejected before last of them."""
    left: dict[str, Iterator[str]] = {}
    for line_id in {item.line_id for item in request.items}:
        names = _unit_ids(request.order.line(line_id))
        left[line_id] = iter(sorted(names, key=lambda name: (name in gone, name in rejected)))
    for number, item in enumerate(request.items):
        for name in islice(left[item.line_id], item.quantity):
            yield name, number


def _of_the_request(request: ReturnRequest, policy: Policy) -> Iterator[FiredRule]:
    """Rules that concern the whole request."""
    offered, instead = policy.eligibility.resolutions, _instead_of_personal(request)
    if request.resolution not in offered:
        yield FiredRule(rule=RuleName.RESOLUTION, detail=f"the shop does not offer {request.resolution}")
    elif instead and instead not in offered:
        detail = f"a unit may hold personal data and is not replaced, and the shop does not offer {instead}"
        yield FiredRule(rule=RuleName.RESOLUTION, detail=detail)
    elif request.order.customer.address is None and rule_of(request.resolution).sends:
        yield FiredRule(rule=RuleName.RESOLUTION, detail="the order has no address that anything could be sent to")
    if request.method not in policy.handover.methods:
        yield FiredRule(rule=RuleName.METHOD, detail=f"the shop does not offer {request.method}")
    elif request.method not in methods_of(request.order, policy):
        yield FiredRule(rule=RuleName.METHOD, detail=f"the order has no address, which {request.method} needs")


def _of_the_item(
    request: ReturnRequest, policy: Policy, line: Line, item: Item, now: datetime
) -> Iterator[tuple[RuleName, str]]:
    delivered, by_warranty = request.order.delivered(line), rule_of(request.resolution).by_warranty
    repaired_free = by_warranty and in_warranty(request.order, policy, line, item, now)
    if delivered is None:
        yield _UNDELIVERED
    elif not repaired_free:
        last = window_ends(delivered, policy)
        if now > last:
            yield RuleName.WINDOW, f"the {policy.eligibility.window_days} days ended on {last.date().isoformat()}"
    if line.final_sale and not item.reason.sellers_fault:
        yield RuleName.FINAL_SALE, "it was sold as final sale"
    if by_warranty and not repaired_free and policy.eligibility.out_of_warranty_repair == "declined":
        yield RuleName.WARRANTY, "it is out of warranty"


@dataclass(frozen=True)
class RuleFacts:
    """What a mail may say of the rules that a request met."""

    window_days: int
    #: The window's last day; None before the order is delivered.
    window_ended: date | None
    #: What the shop does not offer, be it what was asked for or what comes instead.
    resolution: Resolution
    #: It comes instead of what was asked for, because a unit may hold personal data.
    for_personal_data: bool


def rule_facts(request: ReturnRequest, policy: Policy, line_id: str | None = None) -> RuleFacts:
    """Of a request that is, or was, decided by the policy; the window is that of a line, or of the whole order."""
    instead = _instead_of_personal(request)
    delivered = request.order.delivered(request.order.line(line_id)) if line_id else request.order.delivered_at
    personal = instead is not None and request.resolution in policy.eligibility.resolutions
    return RuleFacts(
        window_days=policy.eligibility.window_days,
        window_ended=window_ends(delivered, policy).date() if delivered else None,
        resolution=instead if instead is not None and personal else request.resolution,
        for_personal_data=personal,
    )


def window_ends(delivered: datetime, policy: Policy) -> datetime:
    """The window's last second: 23:59:59 of its last day in the clock's zone."""
    zone = ZoneInfo(policy.clock.timezone)
    last_day = delivered.astimezone(zone).date() + timedelta(days=policy.eligibility.window_days)
    return datetime.combine(last_day, time(23, 59, 59, 999999), tzinfo=zone)


def in_warranty(order: Order, policy: Policy, line: Line, item: Item, now: datetime) -> bool:
    """In warranty: until ``warranty_until`` in the clock's zone, or defective within the window."""
    today = now.astimezone(ZoneInfo(policy.clock.timezone)).date()
    if line.warranty_until is not None and today <= line.warranty_until:
        return True
    delivered = order.delivered(line)
    return item.reason is Reason.DEFECTIVE and delivered is not None and now <= window_ends(delivered, policy)


def _review(request: ReturnRequest, policy: Policy, facts: Facts, allowed: set[str]) -> Iterator[FiredRule]:
    worth = _worth(request.order, allowed)
    if worth > policy.approval.review_above:
        currency = request.order.currency
        most = format_money(policy.approval.review_above, currency)
        detail = f"worth {format_money(worth, currency)}, an operator looks at more than {most}"
        yield FiredRule(rule=RuleName.AMOUNT, detail=detail)
    if facts.customer_returns >= policy.approval.review_after_returns:
        detail = f"{facts.customer_returns} returns by this customer in the last 90 days"
        yield FiredRule(rule=RuleName.FREQUENT_RETURNER, detail=detail)
    for name in sorted(allowed & facts.rejected.keys()):
        detail = f"return {facts.rejected[name]} rejected it and sent it back"
        yield FiredRule(rule=RuleName.REJECTED_BEFORE, unit_id=name, detail=detail)


def _stays(order: Order, back: set[str]) -> int:
    return 0 if order.payment_state.in_full else _worth(order, _every_unit(order) - back)


def _worth(order: Order, units: Collection[str]) -> int:
    return sum(
        price.gross
        for line in order.lines
        for name, price in zip(_unit_ids(line), unit_prices(line, order.prices_include_tax), strict=True)
        if name in units
    )
