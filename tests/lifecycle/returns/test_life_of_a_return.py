"""Any messages in any order, early, late and twice: the books stay right and nobody gets stuck."""

from datetime import timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import invariant, precondition, rule

from lifecycle.contract.errors import Refused
from lifecycle.contract.grades import Grade
from lifecycle.contract.messages import (
    Approve,
    Cancel,
    Decline,
    InspectedUnit,
    Inspection,
    Override,
    PaymentStatus,
    Receipt,
    ReceiptUnits,
    ResolveAttention,
    TrackingEvent,
    TrackingStatus,
)
from lifecycle.contract.resolutions import Resolution
from lifecycle.contract.statuses import Status
from lifecycle.contract.view import SettlementState
from lifecycle.returns import alarms, closing
from lifecycle.returns.commands import (
    BookStock,
    CheckPendingRefunds,
    ClaimUnits,
    FileLossClaim,
    Pay,
    ReleaseUnits,
    SendMail,
    VoidLabel,
)
from lifecycle.returns.decisions import approval, attention, override
from lifecycle.returns.goods import handover, reception, stock
from lifecycle.returns.settlement import payments
from lifecycle.returns.views.return_view import summary_of, view_of
from lifecycle.returns.views.status import MOVES, status_of
from tests.lifecycle.returns.story import take
from tests.lifecycle.returns.world_of_a_return import GRADES, OVERRIDES, REQUEST, WorldOfAReturn


class LifeOfAReturn(WorldOfAReturn):
    """Plays carrier, warehouse, customer, provider and clock against the aggregate alone."""

    @precondition(lambda self: self.ret.agenda.has(VoidLabel, ClaimUnits, ReleaseUnits, SendMail))
    @rule()
    def paperwork(self) -> None:
        self.ret.agenda.withdraw(VoidLabel, ClaimUnits, ReleaseUnits, SendMail)
        self.moved()

    @precondition(lambda self: self.ret.agenda.has(FileLossClaim))
    @rule()
    def claim(self) -> None:
        assert take(self.ret, FileLossClaim).amount > 0
        self.moved()

    @precondition(lambda self: self.ret.agenda.has(BookStock))
    @rule()
    def book(self) -> None:
        booking = take(self.ret, BookStock)
        for move in stock.moves_of(self.ret, booking):
            place = (move.sku, move.location, move.grade)
            self.balances[place] = self.balances.get(place, 0) + move.quantity
        stock.booked(self.ret, booking)
        self.moved()

    @precondition(lambda self: self.ret.agenda.has(Pay))
    @rule(status=st.sampled_from(PaymentStatus))
    def pay(self, status: PaymentStatus) -> None:
        payment = take(self.ret, Pay).payment
        reference = self.number("re")
        if status is PaymentStatus.FAILED:
            status = PaymentStatus.PENDING
        payments.payment_answered(self.ret, payment, status, reference, self.now)
        self.moved()

    @precondition(lambda self: any(payment.state == "pending" for payment in self.ret.money.payments))
    @rule(status=st.sampled_from(PaymentStatus))
    def hear(self, status: PaymentStatus) -> None:
        payment = next(payment for payment in self.ret.money.payments if payment.state == "pending")
        payments.apply_payment_status(self.ret, payment, status, self.now)
        self.ret.agenda.withdraw(CheckPendingRefunds)
        self.moved()

    # What the world does

    @rule(status=st.sampled_from(TrackingStatus), known=st.booleans(), hours=st.integers(-48, 48))
    def scan(self, status: TrackingStatus, known: bool, hours: int) -> None:
        code = self.ret.parcels[0].tracking_code if known and self.ret.parcels else "elsewhere"
        event = TrackingEvent(
            event_id=self.number("evt"),
            tracking_code=code,
            status=status,
            at=self.now + timedelta(hours=hours),
        )
        handover.track(self.ret, event, self.now)
        self.moved()
        before = (view_of(self.ret), len(self.ret.timeline))
        handover.track(self.ret, event, self.now)
        assert before == (view_of(self.ret), len(self.ret.timeline)), "a repeat changed something"

    @rule(
        line=st.sampled_from(["1", "2", "9"]),
        quantity=st.integers(1, 3),
        serial=st.sampled_from([None, "s1", "other"]),
        complete=st.booleans(),
    )
    def receive(self, line: str, quantity: int, serial: str | None, complete: bool) -> None:
        receipt = Receipt(
            receipt_id=self.number("rcpt"),
            complete=complete,
            units=[ReceiptUnits(line_id=line, quantity=1 if serial else quantity, serial_number=serial)],
        )
        try:
            reception.receive(self.ret, receipt, self.now)
        except Refused:
            return
        self.moved()

    @rule(unit=st.sampled_from(["1-1", "1-2", "2-1"]), grade=GRADES, accepted=st.booleans())
    def inspect(self, unit: str, grade: Grade, accepted: bool) -> None:
        verdict = InspectedUnit(unit_id=unit, grade=grade, accepted=accepted)
        inspection = Inspection(inspection_id=self.number("insp"), units=[verdict])
        before = view_of(self.ret)
        try:
            reception.inspect(self.ret, inspection, self.now)
        except Refused:
            assert view_of(self.ret) == before, "a refused message changed something"
            return
        self.moved()

    @rule()
    def cancel(self) -> None:
        before = view_of(self.ret)
        try:
            handover.cancel(self.ret, Cancel(by="customer"), self.now)
        except Refused:
            assert view_of(self.ret) == before
            return
        self.moved()

    @precondition(lambda self: self.ret.in_review)
    @rule(let_through=st.booleans())
    def review(self, let_through: bool) -> None:
        if let_through:
            approval.approve(self.ret, Approve(by="reviewer"), self.now)
        else:
            approval.decline(self.ret, Decline(by="reviewer", reason="no"), self.now)
        self.moved()

    @rule(unit=st.sampled_from(["1-1", "1-2", "2-1"]), change=OVERRIDES)
    def override_unit(self, unit: str, change: tuple[str, str]) -> None:
        if self.ret.in_review:
            return  # approved with units in hand, it goes on from there: no move of the table either
        self.overridden(Override(by="operator", why="seen", unit_id=unit, field=change[0], value=change[1]))

    @rule(field=st.sampled_from(["ship_by", "target", "limit"]), hours=st.integers(1, 24 * 20))
    def override_deadline(self, field: str, hours: int) -> None:
        value = (self.now + timedelta(hours=hours)).isoformat()
        self.overridden(Override(by="operator", why="asked for", field=field, value=value))

    @rule(amount=st.integers(0, 16500))
    def override_amount(self, amount: int) -> None:
        self.overridden(Override(by="operator", why="agreed", field="amount", value=amount))

    def overridden(self, message: Override) -> None:
        before = view_of(self.ret)
        try:
            override.override(self.ret, message, self.now)
        except Refused:
            assert view_of(self.ret) == before, "a refused message changed something"
            return
        # An operator may set a unit back to where it was: such a move is not in the table.
        self.seen = [status_of(self.ret)]
        self.moved()

    @precondition(lambda self: self.ret.open_steps)
    @rule(action=st.sampled_from(["retry", "mark_done", "skip"]))
    def resolve(self, action: str) -> None:
        message = ResolveAttention.model_validate({"by": "operator", "action": action, "reference": "by hand"})
        self.said(lambda: attention.resolve(self.ret, message, self.now))

    @rule(hours=st.integers(1, 24 * 12))
    def time_passes(self, hours: int) -> None:
        due = alarms.next_alarm(self.ret)
        self.now += timedelta(hours=hours)
        if due is not None and due.at <= self.now:
            self.now = max(due.at, self.now - timedelta(hours=hours))
            alarms.fire_due_deadlines(self.ret, self.now)
            self.ret.agenda.withdraw(CheckPendingRefunds)
            self.moved()
            following = alarms.next_alarm(self.ret)
            assert following is None or following.at > self.now, "a deadline that has passed rings for ever"

    # What holds at every moment

    @invariant()
    def moves_are_in_the_table(self) -> None:
        for before, after in zip(self.seen, self.seen[1:], strict=False):
            assert before is after or after in MOVES[before], f"{before} -> {after}"
        self.seen = self.seen[-1:]

    @invariant()
    def money_is_bounded(self) -> None:
        captured = {tender.tender_id: tender.captured for tender in REQUEST.order.tenders}
        for tender_id, held in captured.items():
            paid = [p for p in self.ret.money.payments if p.tender_id == tender_id and p.state != "failed"]
            out = sum(p.amount for p in paid if p.amount > 0 and not p.of_hold)
            assert out <= held
        paid = [p for p in self.ret.money.payments if p.state != "failed" and p.amount > 0]
        assert sum(p.amount - p.bonus for p in paid if not p.of_hold) <= sum(captured.values())
        held = self.ret.hold.amount if self.ret.hold else 0
        assert sum(p.amount for p in paid if p.of_hold) <= (held if self.captured else 0)
        repairs = any(unit.bench is not None for unit in self.ret.units)
        sells = repairs or self.ret.request.resolution is Resolution.EXCHANGE
        assert sells or summary_of(self.ret).amount >= 0

    @invariant()
    def nothing_is_charged_that_was_not_agreed(self) -> None:
        ret = self.ret
        if any(unit.bench is not None for unit in ret.units):
            return  # a repair's price has an answer of its own
        charged = sum(-payment.amount for payment in ret.money.payments if payment.amount < 0)
        assert charged <= self.agreed
        if ret.money.question is not None:
            assert not any(item.state == "due" for item in ret.wanted), "sent before they have answered"

    @invariant()
    def what_is_settled_is_frozen(self) -> None:
        for unit in self.ret.units:
            if unit.settled:
                assert unit.refund is not None
                assert self.frozen.setdefault(unit.unit_id, unit.refund) == unit.refund

    @invariant()
    def stock_is_never_negative(self) -> None:
        assert all(held >= 0 for held in self.balances.values())

    @invariant()
    def nothing_is_forgotten(self) -> None:
        """What is reserved or held when it is over is known to nobody any more."""
        if self.ret.opening is not None and closing.may_close(self.ret):
            assert not self.reserved, f"still reserved: {self.reserved}"
            assert not self.held, "still held"

    @invariant()
    def nobody_is_stuck(self) -> None:
        """Whatever is open has a next step: a deadline, an operator, work to do, or the warehouse."""
        ret = self.ret
        if closing.may_close(ret):
            return
        in_warehouse = any(unit.reception in ("received", "wrong_item") and not unit.judged for unit in ret.expected)
        pending = ret.settlement is SettlementState.IN_PROGRESS
        # Where the clock starts with the receipt, the carrier's part has no deadline.
        carried = ret.handed_over and ret.opened.terms.starts_on == "received" and ret.dates.first_receipt is None
        waits = in_warehouse or pending or carried or ret.in_review
        assert alarms.next_alarm(ret) or ret.agenda.busy or ret.open_steps or waits, (
            f"nothing follows: {status_of(ret)} {view_of(ret).model_dump_json(indent=1)}"
        )

    @invariant()
    def ended_owes_nothing(self) -> None:
        if status_of(self.ret) in (Status.DECLINED, Status.CANCELLED, Status.EXPIRED):
            assert summary_of(self.ret).amount == 0


TestLifeOfAReturn = LifeOfAReturn.TestCase
TestLifeOfAReturn.settings = settings(max_examples=150, stateful_step_count=40)
