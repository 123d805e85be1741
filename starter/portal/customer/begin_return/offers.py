"""What a customer may send back of an order, and what they can have for it: by the rules that decide in the end.

Nothing is decided here: every answer is asked of ``lifecycle.returns.eligibility`` and of
``lifecycle.returns.decisions.quote``.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, Literal, NamedTuple

from gateways.orders.protocol import Alternative, FoundOrder
from lifecycle.calendar.calendars import make_calendar
from lifecycle.contract.fees import Breakdown
from lifecycle.contract.orders.payment import PaymentState
from lifecycle.contract.policy import Policy
from lifecycle.contract.request import Channel, ExchangeItem, Item, Line, Method, Order, Reason, ReturnRequest
from lifecycle.contract.resolutions import Resolution
from lifecycle.contract.view import FiredRule, Outcome, RuleName
from lifecycle.returns.decisions.quote import simulate
from lifecycle.returns.eligibility import Facts, decide, free_units, judge_items, methods_of, window_ends
from lifecycle.returns.goods.advance_replacement import may_advance
from lifecycle.returns.prices import unit_prices
from lifecycle.returns.resolutions.rule import ResolutionRule
from lifecycle.returns.resolutions.table import MONEY_BACK, rule_of
from lifecycle.returns.state import Return

#: Rules that decline a whole return; others that name no unit only make an operator look.
_OF_THE_WHOLE: Final = frozenset({RuleName.RESOLUTION, RuleName.METHOD})
#: A thing in the place of one that nobody has chosen yet.
_ANYTHING: Final = [ExchangeItem(sku="any", quantity=1, unit_price=0)]


@dataclass(frozen=True)
class ReturnableLine:
    """One line of the order: how many of its units can come back, and why not the others."""

    index: int
    line: Line
    available: int
    #: Only if something is wrong with it.
    faulty_only: bool = False
    #: Its time for returns is over, and it is in warranty: a repair is all that there is.
    repair_only: bool = False
    why: RuleName | None = None
    #: The last of its days for returns; None before it is delivered.
    window_ends: datetime | None = None
    #: What was paid for one, tax and discount included, in minor units.
    paid_each: int = 0

    @property
    def title(self) -> str:
        """What it is called; its SKU where the shop gave no title."""
        return self.line.title or self.line.sku


@dataclass(frozen=True)
class Offer:
    """What the customer can have; ``amount`` is what they get, in minor units, negative where they pay."""

    resolution: Resolution
    amount: int
    breakdown: Breakdown
    #: kept: at once, and the goods too; handover: once the carrier has them; ahead: sent before they come.
    when: Literal["kept", "handover", "ahead", "inspection"]
    #: A unit that may hold the customer's data is not replaced but repaired.
    repaired: bool = False
    #: What the repair costs is told before it is done.
    priced_later: bool = False
    #: Lines that can come back, and not for this.
    without: tuple[str, ...] = ()

    @property
    def rule(self) -> ResolutionRule:
        """What the resolution is."""
        return rule_of(self.resolution)


@dataclass(frozen=True)
class PossibleOffers:
    """All offers for the chosen items, what cannot come back at all, and what not for everything.

    ``limited`` has ``(line, what stands in the way of the rest, what it can come back for)``.
    """

    offers: list[Offer]
    review: bool
    declined: list[FiredRule]
    limited: list[tuple[Line, RuleName, list[Resolution]]]
    alternatives: Mapping[int, tuple[Alternative, ...]]


def returnable_lines(order: Order, policy: Policy, facts: Facts, now: datetime) -> list[ReturnableLine]:
    """Look at every line: with no reason of its own, with a defect, for anything that the shop offers."""
    plain = _ways(order, policy, now, Reason.UNWANTED)
    faulty = _ways(order, policy, now, Reason.DEFECTIVE)
    free, why = free_units(order, facts), _why_not(order, policy, now)
    found = []
    for index, line in enumerate(order.lines):
        left = free[line.line_id]
        without_fault = plain[index] if left else set()
        ways = without_fault | faulty[index] if left else set()
        # What is in the way of a few units only needs no word as long as others can come.
        spent = _why_fewer(line) if left < line.quantity else None
        standing = ReturnableLine(
            index=index,
            line=line,
            available=left if ways else 0,
            faulty_only=bool(ways) and not without_fault,
            repair_only=by_warranty_alone(ways) and why[index] is RuleName.WINDOW,
            why=(why[index] or spent) if not without_fault else None,
            window_ends=window_end(order, policy, line),
            paid_each=unit_prices(line, order.prices_include_tax)[0].gross,
        )
        found.append(standing)
    return found


def _why_fewer(line: Line) -> RuleName:
    shipped = line.shipped_quantity is None or line.shipped_quantity == line.quantity
    return RuleName.ALREADY_RETURNED if shipped else RuleName.NOT_DELIVERED


def by_warranty_alone(ways: Collection[Resolution]) -> bool:
    """Whether it can come back, and for nothing but what its warranty gives."""
    return bool(ways) and all(rule_of(way).by_warranty for way in ways)


def _ways(order: Order, policy: Policy, now: datetime, reason: Reason) -> list[set[Resolution]]:
    """For each line, what its free units can come back for."""
    ways: list[set[Resolution]] = [set() for _ in order.lines]
    everything = _everything(order, policy, reason)
    for resolution in policy.eligibility.resolutions:
        request = everything.model_copy(update={"resolution": resolution})
        for index, judged in enumerate(judge_items(request, policy, now)):
            if judged.allowed:
                ways[index].add(resolution)
    return ways


def _why_not(order: Order, policy: Policy, now: datetime) -> list[RuleName | None]:
    """For each line, the first rule against it without a reason of its own."""
    resolution = next(iter(policy.eligibility.resolutions), MONEY_BACK)
    request = _everything(order, policy, Reason.UNWANTED).model_copy(update={"resolution": resolution})
    judged = judge_items(request, policy, now)
    return [line.fired[0][0] if line.fired else None for line in judged]


def _everything(order: Order, policy: Policy, reason: Reason) -> ReturnRequest:
    items = [Item(line_id=line.line_id, quantity=line.quantity, reason=reason) for line in order.lines]
    return _request(order, items, MONEY_BACK, policy)


def _request(
    order: Order,
    items: Sequence[Item],
    resolution: Resolution,
    policy: Policy,
    exchange_for: list[ExchangeItem] | None = None,
) -> ReturnRequest:
    method = next(iter(methods_of(order, policy)), Method.MAIL)
    wanted = exchange_for or _ANYTHING if rule_of(resolution).sends == "chosen_items" else None
    return ReturnRequest(
        order=order, items=list(items), resolution=resolution, method=method, channel=Channel.WEB, exchange_for=wanted
    )


def possible_offers(
    found: FoundOrder, items: Sequence[Item], policy: Policy, facts: Facts, now: datetime, in_stock: frozenset[str]
) -> PossibleOffers:
    """Play the return for everything that the shop offers, as it would be once it is settled."""
    alternatives = _alternatives(found, items, in_stock)
    offers, review = [], False
    ways: dict[str, list[Resolution]] = {}
    for resolution in _offered(found.order, policy):
        if rule_of(resolution).sends == "chosen_items" and not alternatives:
            continue
        instead = [
            exchange_item(options[0], items[number].quantity) for number, options in sorted(alternatives.items())
        ]
        request = _request(found.order, items, resolution, policy, instead)
        ret = simulate(request, policy, now, facts)
        for unit in ret.opened.units:
            ways.setdefault(unit.unit_id, []).extend([resolution] if unit.allowed else [])
        if ret.opened.decision.outcome is not Outcome.DECLINED:
            offers.append(_offer(ret, resolution))
            review = review or ret.opened.decision.outcome is Outcome.REVIEW
    rules = _declined(found.order, items, policy, facts, now)
    open_lines = {unit_id.rpartition("-")[0] for unit_id, some in ways.items() if some}
    return PossibleOffers(
        offers=[replace(offer, without=tuple(filter(open_lines.__contains__, offer.without))) for offer in offers],
        review=review,
        declined=[rule for rule in rules if not ways.get(rule.unit_id or "")],
        limited=_limited(found.order, rules, ways),
        alternatives=alternatives,
    )


def _offered(order: Order, policy: Policy) -> list[Resolution]:
    """What the shop offers; not twice the same: what was paid in cash at the door comes back as store credit alone."""
    offered = policy.eligibility.resolutions
    cash = order.payment_state is PaymentState.CASH_ON_DELIVERY
    twice = cash and any(rule_of(one).pays == "store_credit" for one in offered)
    return [one for one in offered if not (twice and one is MONEY_BACK)]


def _limited(
    order: Order, rules: Sequence[FiredRule], ways: Mapping[str, list[Resolution]]
) -> list[tuple[Line, RuleName, list[Resolution]]]:
    found = {}
    for rule in rules:
        if rule.unit_id and ways.get(rule.unit_id):
            line = order.line(rule.unit_id.rpartition("-")[0])
            found[line.line_id] = (line, rule.rule, ways[rule.unit_id])
    return list(found.values())


def _offer(ret: Return, resolution: Resolution) -> Offer:
    rule = rule_of(resolution)
    repaired = rule.if_personal is not None and any(unit.personal for unit in ret.expected)
    priced_later = rule.sends == "repaired_unit" or repaired
    return Offer(
        resolution=resolution,
        amount=ret.money.amount,
        breakdown=ret.money.breakdown,
        when=_when(ret),
        repaired=repaired,
        priced_later=priced_later and not all(unit.in_warranty for unit in ret.expected),
        without=tuple(dict.fromkeys(unit.line_id for unit in ret.opened.units if not unit.allowed)),
    )


def _when(ret: Return) -> Literal["kept", "handover", "ahead", "inspection"]:
    if any(unit.kept for unit in ret.units):
        return "kept"
    if ret.instant:
        return "handover"
    return "ahead" if may_advance(ret) else "inspection"


def _declined(order: Order, items: Sequence[Item], policy: Policy, facts: Facts, now: datetime) -> list[FiredRule]:
    """What stands in the way of a refund, or of the first thing that the shop offers instead."""
    offered = policy.eligibility.resolutions
    first = MONEY_BACK if MONEY_BACK in offered else next(iter(offered), MONEY_BACK)
    decided = decide(_request(order, items, first, policy), policy, facts, now)
    refused = {unit.unit_id for unit in decided.units if not unit.allowed}
    return [rule for rule in decided.decision.rules if rule.unit_id in refused or rule.rule in _OF_THE_WHOLE]


def _alternatives(
    found: FoundOrder, items: Sequence[Item], in_stock: frozenset[str]
) -> dict[int, tuple[Alternative, ...]]:
    """What each item can be exchanged for, by its number; nothing unless all of them can."""
    options = {
        number: tuple(other for other in found.alternatives.get(item.line_id, ()) if other.sku in in_stock)
        for number, item in enumerate(items)
    }
    return options if all(options.values()) else {}


def exchange_item(other: Alternative, quantity: int) -> ExchangeItem:
    """So many of it, as a request wants them."""
    return ExchangeItem(
        sku=other.sku, quantity=quantity, unit_price=other.unit_price, tax_total=other.tax_total * quantity
    )


def difference(order: Order, line_id: str, other: Alternative) -> int:
    """What one unit of something else costs more than what was paid for one of the line's; minor units."""
    price = other.unit_price + (0 if order.prices_include_tax else other.tax_total)
    return price - unit_prices(order.line(line_id), order.prices_include_tax)[0].gross


class Obstacle(NamedTuple):
    """What stands in the way of a line, by its title; None for the whole return."""

    title: str | None
    rule: RuleName
    window_ends: datetime | None


def obstacle(order: Order, policy: Policy, line_id: str | None, rule: RuleName) -> Obstacle:
    """With the end of the line's window, or of the order's."""
    line = order.line(line_id) if line_id else None
    return Obstacle((line.title or line.sku) if line else None, rule, window_end(order, policy, line))


@dataclass(frozen=True)
class Promise:
    """When the customer has what they are owed: ``by`` if they hand it over today, None where that says nothing."""

    starts_on: Literal["handover", "requested", "received"]
    business_days: int
    by: datetime | None


def promise(policy: Policy, now: datetime) -> Promise:
    """The shop's promise for a return that begins now (CONTRACT section 5, clock)."""
    clock = policy.clock
    by = make_calendar(clock, now).business_deadline(now, clock.target_business_days)
    return Promise(clock.starts_on, clock.target_business_days, None if clock.starts_on == "received" else by)


def window_end(order: Order, policy: Policy, line: Line | None = None) -> datetime | None:
    """Until when a line's units can come back, or the last of the order's; None before delivery."""
    delivered = [at for one in ([line] if line else order.lines) if (at := order.delivered(one))]
    return window_ends(max(delivered), policy) if delivered else None


def skus_wanted(found: FoundOrder) -> Iterator[str]:
    """Every SKU that something of the order can be exchanged for."""
    for options in found.alternatives.values():
        for other in options:
            yield other.sku
