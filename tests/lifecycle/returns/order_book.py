"""One order, its provider and its claims, shared by several returns that know of each other only by facts."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from lifecycle.calendar.calendars import make_calendar
from lifecycle.contract.errors import Refused
from lifecycle.contract.grades import Grade
from lifecycle.contract.messages import (
    AnswerCharge,
    Cancel,
    Inspection,
    Override,
    PaymentStatus,
    Receipt,
    TrackingEvent,
    TrackingStatus,
)
from lifecycle.contract.policy import Policy
from lifecycle.contract.request import Order, ReturnRequest
from lifecycle.contract.resolutions import Resolution
from lifecycle.contract.view import Reception
from lifecycle.returns import alarms
from lifecycle.returns.advance import advance, money_claimed
from lifecycle.returns.aggregate.parcels import Parcel
from lifecycle.returns.aggregate.payment import STORE_CREDIT, Payment
from lifecycle.returns.commands import (
    BookStock,
    CheckPendingRefunds,
    ClaimMoney,
    ClaimUnits,
    FileLossClaim,
    NotifySiblingReturns,
    OutboundCommand,
    Pay,
    ProvideHandover,
    ReleaseUnits,
    ReserveStock,
    SendMail,
    Ship,
    VoidLabel,
)
from lifecycle.returns.decisions import exchange, override
from lifecycle.returns.decisions.approval import first_claim, open_return
from lifecycle.returns.eligibility import ClaimedUnit, Facts, decide, is_back
from lifecycle.returns.goods import handover, outbound, reception, repair_bench
from lifecycle.returns.opening import Opening, make_opening
from lifecycle.returns.order_money import Books, MoneyAnswer, OrderMoney, add_up, grant, refunded_outside
from lifecycle.returns.prices import original_shipping
from lifecycle.returns.settlement import money_claim, payments, units_back
from lifecycle.returns.state import Return
from lifecycle.returns.units import COMING, IN_HAND, UnitState
from lifecycle.shared.repair_messages import RepairOutcome, RepairResult
from tests.lifecycle.orders import NOW, body
from tests.lifecycle.returns.story import take

#: Each policy's calendar once: making one takes longer than everything else here.
_CALENDAR = make_calendar(Policy().clock, NOW)


def checked(order: dict[str, Any]) -> Order:
    """The order with its types; who bought it is nobody's concern here."""
    return Order.model_validate(body()["order"] | order)


@dataclass
class Part:
    """One return of the order, its own time, and what the books keep of its money."""

    ret: Return
    outside: OrderMoney
    held: OrderMoney
    given: bool = False
    now: datetime = NOW
    numbers: int = 0

    def number(self) -> str:
        """An id that no other message of this return has."""
        self.numbers += 1
        return f"n{self.numbers}"

    def units(self, receptions: frozenset[Reception]) -> list[UnitState]:
        """Its units that are in one of these states and not judged, nor on the bench."""
        return [
            unit
            for unit in self.ret.expected
            if unit.reception in receptions and not unit.judged and unit.bench is None and not unit.gone_back
        ]


class OrderBook:
    """What the shop's database and the payment provider know of one order."""

    def __init__(self, order: dict[str, Any], policy: Policy) -> None:
        self.order = order
        self.policy = policy
        self.parts: list[Part] = []
        self.claims: dict[str, ClaimedUnit] = {}
        self.shipping_claimed_by: str | None = None
        self.held = {tender["tender_id"]: tender["captured"] - tender["refunded"] for tender in order["tenders"]}
        self.before = dict(self.held)

    def open(self, items: Sequence[dict[str, Any]], *, fresh: bool = True, **wishes: Any) -> Part:
        """Open one more return as the opening step does; ``fresh`` tenders say what went back so far."""
        return_id = f"R-{len(self.parts) + 1}"
        asked = self._request({"return_id": return_id, "items": list(items), **wishes}, fresh=fresh)
        books = self.books(return_id)
        facts = Facts(dict(self.claims), shipping_claimed=self.shipping_claimed_by is not None, books=books)
        decided = decide(asked, self.policy, facts, NOW)
        opening = make_opening(decided, self.policy, _CALENDAR)
        opening.claim = first_claim(asked, opening, books, NOW)
        for unit in opening.units:
            if unit.allowed:
                assert unit.unit_id not in self.claims, "a unit is claimed twice"
                self.claims[unit.unit_id] = ClaimedUnit(return_id, asked.items[unit.item].reason.sellers_fault)
        if opening.holds_shipping:
            assert self.shipping_claimed_by is None
            self.shipping_claimed_by = return_id
        part = Part(Return(return_id, asked), refunded_outside(asked.order, books), opening.claim)
        open_return(part.ret, Opening.model_validate_json(opening.model_dump_json()), NOW)
        self.parts.append(part)
        if part.ret.agenda.has(ProvideHandover):
            handover.label_bought(part.ret, Parcel(f"T-{return_id}", "/label", "buy_return_label"), NOW)
        self.go(part)
        return part

    def books(self, return_id: str) -> Books:
        """What the database tells that return of the order's money."""
        others = [part for part in self.parts if part.ret.return_id != return_id]
        mine = [part.outside for part in self.parts if part.ret.return_id == return_id]
        return Books(
            first=self.parts[0].outside if self.parts else None,
            given=add_up(*(part.held for part in others if part.given)),
            promised=add_up(*(part.held for part in others if not part.given)),
            outside=mine[0] if mine else None,
        )

    def _claim_money(self, part: Part) -> None:
        """As the step does: the shipping, if the order is whole with these units, and what is left of the order."""
        ret, asked = part.ret, money_claim.wanted(part.ret)
        whole = self._whole_with(ret)
        if whole:
            self.shipping_claimed_by = ret.return_id
            credit = ret.request.resolution is Resolution.STORE_CREDIT
            asked = asked.with_shipping(original_shipping(ret.request.order), as_credit=credit)
        order, kinds = ret.request.order, self.policy.money.tender_order
        part.held = grant(order, self.books(ret.return_id), kinds, asked)
        money_claimed(ret, money_claim.wanted(ret), MoneyAnswer(claim=part.held, shipping=whole), part.now)

    def _whole_with(self, ret: Return) -> bool:
        last = units_back.last_units(ret)
        if last is None or self.shipping_claimed_by is not None:
            return False
        for name in last:
            self.claims[name] = replace(self.claims[name], back=True)
        others = {name: claim for name, claim in self.claims.items() if claim.return_id != ret.return_id}
        fault = any(claim.sellers_fault and claim.back for claim in self.claims.values())
        return is_back(ret.request.order, others, last) and fault

    def _request(self, changes: dict[str, Any], *, fresh: bool) -> ReturnRequest:
        raw = body(**changes)
        raw["order"] |= self.order
        if fresh:
            raw["order"]["tenders"] = [
                tender | {"refunded": tender["captured"] - self.held[tender["tender_id"]]}
                for tender in self.order["tenders"]
            ]
        return ReturnRequest.model_validate(raw)

    # What happens to one of them

    def scan(self, part: Part, status: TrackingStatus) -> None:
        """The carrier says so of its parcel."""
        code = part.ret.parcels[0].tracking_code
        event = TrackingEvent(event_id=part.number(), tracking_code=code, status=status, at=part.now)
        handover.track(part.ret, event, part.now)
        self.go(part)

    def receive(self, part: Part, unit: UnitState, *, complete: bool = False) -> None:
        """One piece of that unit's line comes; ``complete`` makes what has not come missing."""
        raw = {"receipt_id": part.number(), "complete": complete, "units": [{"line_id": unit.line_id}]}
        reception.receive(part.ret, Receipt.model_validate(raw), part.now)
        self.go(part)

    def inspect(self, part: Part, unit: UnitState, grade: Grade, *, accepted: bool = True) -> None:
        """That unit is judged."""
        verdict = {"unit_id": unit.unit_id, "grade": grade, "accepted": accepted}
        raw = {"inspection_id": part.number(), "units": [verdict]}
        reception.inspect(part.ret, Inspection.model_validate(raw), part.now)
        self.go(part)

    def set_by_hand(self, part: Part, field: str, value: Any) -> None:
        """An operator sets it, if they may."""
        message = Override.model_validate({"by": "operator", "why": "seen", "field": field, "value": value})
        try:
            override.override(part.ret, message, part.now)
        except Refused:
            return
        self.go(part)

    def finish_repair(self, part: Part, unit: UnitState, outcome: RepairOutcome, estimate: int) -> None:
        """The bench is done with that unit."""
        result = RepairResult(unit_id=unit.unit_id, outcome=outcome, estimate=estimate)
        repair_bench.finish_repair(part.ret, result, part.now)
        self.go(part)

    def cancel(self, part: Part) -> None:
        """The customer calls it off; its units are released."""
        handover.cancel(part.ret, Cancel(by="customer"), part.now)
        self.go(part)

    def ring(self, part: Part) -> None:
        """Its next deadline passes."""
        due = alarms.next_alarm(part.ret)
        if due is not None:
            part.now = max(part.now, due.at)
            alarms.fire_due_deadlines(part.ret, part.now)
            part.ret.agenda.withdraw(CheckPendingRefunds)
            self.go(part)

    def pay(self, part: Part, *, pending: bool = False) -> None:
        """The first of its refunds is made, as the refund step makes it: never above what the provider holds."""
        command, *others = part.ret.agenda.waiting(Pay)
        payment = command.payment
        part.given = True
        if not others:
            part.held = money_claim.needed(part.ret) or part.held
        if payment.tender_id == STORE_CREDIT or payment.amount < 0:
            payments.payment_answered(part.ret, payment, PaymentStatus.SUCCEEDED, part.number(), part.now)
        else:
            self._refund(part, payment, pending=pending)
        part.ret.agenda.done(command)
        self.go(part)

    def _refund(self, part: Part, payment: Payment, *, pending: bool) -> None:
        ret, held = part.ret, self.held[payment.tender_id]
        amount = min(held, payment.amount)
        self.held[payment.tender_id] -= amount
        status = PaymentStatus.PENDING if pending else PaymentStatus.SUCCEEDED
        payments.paid_in_part(ret, payment, amount, part.now)
        payments.payment_answered(ret, payment, status, part.number(), part.now)

    def hear(self, part: Part, status: PaymentStatus) -> None:
        """News of its first pending refund; a failed one is back on its charge."""
        payment = self.pending(part)[0]
        if status is PaymentStatus.FAILED:
            self.held[payment.tender_id] += payment.amount
        payments.apply_payment_status(part.ret, payment, status, part.now)
        self.go(part)

    def pending(self, part: Part) -> list[Payment]:
        """Refunds that the provider has taken and not made yet."""
        return [payment for payment in part.ret.money.payments if payment.state == "pending"]

    def go(self, part: Part) -> None:
        """What follows is done, but for the payments."""
        agenda = part.ret.agenda
        if agenda.has(ReleaseUnits):
            self.claims = {unit: claim for unit, claim in self.claims.items() if claim.return_id != part.ret.return_id}
            if self.shipping_claimed_by == part.ret.return_id:
                self.shipping_claimed_by = None
            part.held = OrderMoney()
            money_claim.released(part.ret)
        agenda.withdraw(ClaimUnits, ReleaseUnits)
        advance(part.ret, part.now)
        while agenda.has(ClaimMoney):
            self._claim_money(part)
        self._commands(part)
        self._tell_what_is_back(part)
        agenda.withdraw(VoidLabel, FileLossClaim, BookStock, SendMail)
        advance(part.ret, part.now)

    def _tell_what_is_back(self, part: Part) -> None:
        for unit in part.ret.counted:
            if (unit.judged or unit.settled) and unit.unit_id in self.claims:
                back = units_back.is_back(part.ret, unit)
                self.claims[unit.unit_id] = replace(self.claims[unit.unit_id], back=back)

    def _commands(self, part: Part) -> None:
        """Whatever is wanted is in stock, and goes out as soon as it is due."""
        ret = part.ret
        while ret.agenda.has(OutboundCommand):
            command = take(ret, OutboundCommand)
            if isinstance(command, ReserveStock):
                items = outbound.named_items(ret, command.items)
                outbound.reserved(ret, items, command.items, part.now)
            elif isinstance(command, Ship):
                part.given = True
                outbound.shipped(ret, command.items, "HW-out", part.now)
            elif isinstance(command, NotifySiblingReturns):
                for other in [other for other in self.parts if other.ret.return_id in command.return_ids]:
                    units_back.may_be_last(other.ret)
            advance(ret, part.now)

    def accept_charge(self, part: Part) -> None:
        """The customer pays what an exchange costs more than was agreed, where they are asked."""
        if part.ret.money.question is not None:
            exchange.answer_charge(part.ret, AnswerCharge(by="customer", accepted=True), part.now)
            self.go(part)

    def finish(self, part: Part) -> None:
        """Everything that is still to come comes, is graded and paid, and what it costs more is accepted."""
        for unit in part.units(COMING | {Reception.MISSING}):
            self.receive(part, unit)
        for unit in [unit for unit in part.ret.units if unit.bench is not None and unit.bench.outcome is None]:
            self.finish_repair(part, unit, RepairOutcome.UNREPAIRABLE, 0)
        for unit in part.units(IN_HAND):
            self.inspect(part, unit, Grade.A)
        self.accept_charge(part)
        while part.ret.agenda.has(Pay) or self.pending(part):
            if self.pending(part):
                self.hear(part, PaymentStatus.SUCCEEDED)
            else:
                self.pay(part)

    # What the books say

    def given_back(self) -> int:
        """What all returns together gave of the order's money: also what bought something else, not the bonus."""
        return sum(payments.given_back(part.ret) for part in self.parts)

    def unclaimed(self) -> dict[str, int]:
        """How many units of each line no return holds."""
        free: Counter[str] = Counter({line["line_id"]: line["quantity"] for line in self.order["lines"]})
        free.subtract(unit_id.rsplit("-", 1)[0] for unit_id in self.claims)
        return {line_id: quantity for line_id, quantity in free.items() if quantity}

    def paid(self) -> Counter[str]:
        """What the returns say that they have paid, or are paying, by tender."""
        return Counter(
            {
                tender_id: sum(
                    payment.amount
                    for part in self.parts
                    for payment in part.ret.money.payments
                    if payment.tender_id == tender_id
                    and payment.amount > 0
                    and payment.state in ("succeeded", "pending")
                )
                for tender_id in [*self.held, STORE_CREDIT]
            }
        )
