"""What surrounds a return in the test of its life: its customer, the bench, and whoever carries out its commands."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from lifecycle.calendar.calendars import make_calendar
from lifecycle.contract.errors import Refused
from lifecycle.contract.grades import Disposition, Grade
from lifecycle.contract.messages import (
    AnswerCharge,
    AttestWipe,
    ChangeRequest,
)
from lifecycle.contract.policy import Policy
from lifecycle.contract.request import ExchangeItem, Method, ReturnRequest
from lifecycle.contract.resolutions import Resolution
from lifecycle.contract.statuses import Status
from lifecycle.contract.times import TimeWindow
from lifecycle.contract.view import Acceptance, Reception
from lifecycle.returns import late_goods
from lifecycle.returns.advance import advance
from lifecycle.returns.aggregate.parcels import Parcel
from lifecycle.returns.commands import (
    CaptureHold,
    OutboundCommand,
    PlaceHold,
    ProvideHandover,
    RefurbishUnit,
    ReleaseHold,
    ReleaseStock,
    RepairCustomerUnit,
    ReserveStock,
    SendBack,
    SendToSupplier,
    Ship,
)
from lifecycle.returns.decisions import change_request, exchange
from lifecycle.returns.decisions.approval import open_return
from lifecycle.returns.eligibility import Facts, decide
from lifecycle.returns.goods import advance_replacement as holds
from lifecycle.returns.goods import handover, outbound, repair_bench, stock
from lifecycle.returns.opening import Opening, make_opening
from lifecycle.returns.state import Return
from lifecycle.returns.views.return_view import summary_of, view_of
from lifecycle.returns.views.status import status_of
from lifecycle.shared.agenda import Command
from lifecycle.shared.repair_messages import RepairEvent, RepairOutcome, RepairResult

START = datetime(2026, 11, 24, 15, 0, tzinfo=UTC)
GRADES = st.sampled_from(Grade)
OVERRIDES = st.one_of(
    st.tuples(st.just("reception"), st.sampled_from(Reception)),
    st.tuples(st.just("acceptance"), st.sampled_from(Acceptance)),
    st.tuples(st.just("grade"), GRADES),
    st.tuples(st.just("disposition"), st.sampled_from(Disposition)),
)
REQUEST = ReturnRequest.model_validate(
    {
        "return_id": "R-1",
        "order": {
            "order_id": "SO-1",
            "delivered_at": "2026-11-20T12:00:00Z",
            "currency": "USD",
            "customer": {
                "customer_id": "C-1",
                "name": "Sample Customer",
                "email": "customer@example.com",
                "address": {"line1": "1 Main St", "city": "Springfield", "country": "US"},
            },
            "lines": [
                {
                    "line_id": "1",
                    "sku": "A",
                    "quantity": 3,
                    "unit_price": 4000,
                    "tax_total": 1100,
                    "serial_numbers": ["s1"],
                },
                {"line_id": "2", "sku": "B", "quantity": 1, "unit_price": 2500},
            ],
            "shipping": {"price": 900},
            "tenders": [
                {"tender_id": "g", "kind": "gift_card", "captured": 1500},
                {"tender_id": "c", "kind": "card", "captured": 15000},
            ],
        },
        "items": [
            {"line_id": "1", "quantity": 2, "reason": "unwanted"},
            {"line_id": "2", "quantity": 1, "reason": "defective"},
        ],
    }
)


#: What an exchange brings: less than what comes back, or more.
CHEAP, DEAR = ExchangeItem(sku="C", quantity=1, unit_price=5000), ExchangeItem(sku="C", quantity=3, unit_price=4000)
#: Commands that never overtake each other.
CALENDAR = make_calendar(Policy().clock, START)


class WorldOfAReturn(RuleBasedStateMachine):
    """Opens a return, and plays what the customer and the bench say and what becomes of its commands."""

    def __init__(self) -> None:
        super().__init__()
        self.now = START
        self.numbers = 0
        self.ret = Return("R-1", REQUEST)
        self.seen: list[Status] = []
        self.balances: dict[tuple[str, str, str], int] = {}
        self.reserved: set[str] = set()
        self.sent_back: set[str] = set()
        self.held = self.captured = False
        self.frozen: dict[str, int] = {}
        #: The charge that the customer was shown, or said yes to.
        self.agreed = 0

    @initialize(
        starts_on=st.sampled_from(["handover", "requested", "received"]),
        on_limit=st.sampled_from(["settle", "attention"]),
        on_failure=st.sampled_from(["attention", "next_tender", "store_credit"]),
        shipping=st.sampled_from(["seller_fault", "always"]),
        approval_rules=st.fixed_dictionaries(
            {
                "review_above": st.sampled_from([100, 50_000]),
                "keep_item_below": st.sampled_from([0, 0, 50_000]),
                "instant_refund_below": st.sampled_from([0, 50_000]),
            }
        ),
        resolution=st.sampled_from(Resolution),
        method=st.sampled_from(Method),
        personal=st.booleans(),
        brings=st.sampled_from([CHEAP, DEAR]),
    )
    def open(
        self,
        *,
        starts_on: str,
        on_limit: str,
        on_failure: str,
        shipping: str,
        approval_rules: dict[str, int],
        resolution: Resolution,
        method: Method,
        personal: bool,
        brings: ExchangeItem,
    ) -> None:
        wishes = {"resolution": resolution, "method": method, "exchange_for": [brings]}
        request = REQUEST.model_copy(update=wishes, deep=True)
        request.order.lines[0].holds_personal_data = personal
        self.ret.request = request
        money = {"refund_original_shipping": shipping, "on_refund_failure": on_failure, "return_shipping_fee": 300}
        clock = {"starts_on": starts_on, "on_limit": on_limit}
        policy = Policy.model_validate(
            {"money": money | {"store_credit_bonus_percent": 10}, "clock": clock, "approval": approval_rules},
        )
        self.policy = policy
        decided = decide(request, policy, Facts(), START)
        self.seen = [status_of(self.ret)]
        opening = make_opening(decided, policy, CALENDAR)
        open_return(self.ret, Opening.model_validate_json(opening.model_dump_json()), START)
        self.shown()
        self.moved()

    def shown(self) -> None:
        """The customer sees what it comes to, and goes on."""
        self.agreed = max(0, -summary_of(self.ret).amount)

    def number(self, kind: str) -> str:
        self.numbers += 1
        return f"{kind}-{self.numbers}"

    def moved(self) -> None:
        advance(self.ret, self.now)
        self.seen.append(status_of(self.ret))

    # What the engine does

    @precondition(lambda self: self.ret.agenda.has(ProvideHandover))
    @rule(refused=st.booleans())
    def label(self, refused: bool) -> None:
        ret, step = self.ret, self.number("buy_return_label")
        if ret.request.method is Method.PICKUP:
            slot = ret.request.pickup_slot
            if slot is None or refused:
                change_request.slot_refused(ret)
                day = self.now + timedelta(days=1)
                change_request.slots_offered(ret, [TimeWindow(start=day, end=day + timedelta(hours=2))], self.now)
                self.moved()
                return
            ret.way.booked = TimeWindow(start=slot.start, end=slot.end)
        handover.label_bought(ret, Parcel(step, f"/labels/{step}", step), self.now)
        self.moved()

    @precondition(lambda self: self.ret.way.slots and not self.ret.agenda.has(ProvideHandover))
    @rule()
    def choose(self) -> None:
        slot = self.ret.way.slots[0]
        chosen = {"by": "customer", "pickup_slot": {"start": slot.start, "end": slot.end}}
        self.said(lambda: change_request.choose_slot(self.ret, ChangeRequest.model_validate(chosen), self.now))

    @precondition(lambda self: self.ret.live)
    @rule(resolution=st.sampled_from(Resolution), method=st.sampled_from(Method))
    def change(self, resolution: Resolution, method: Method) -> None:
        """The customer wants something else; what an update does in the workflow."""
        message = ChangeRequest(by="customer", resolution=resolution, method=method)
        ret = self.ret
        try:
            request = change_request.check_change(ret, message)
        except Refused:
            return
        opening = make_opening(decide(request, self.policy, Facts(), START), self.policy, CALENDAR)
        opening.terms = ret.opened.terms
        change_request.change(ret, message, opening, self.now)
        self.shown()
        self.seen = [status_of(ret)]
        self.moved()

    @rule(resolution=st.sampled_from(["refund", "store_credit", "exchange"]))
    def choose_instead(self, resolution: str) -> None:
        """Something else for what is out of stock."""
        message = ChangeRequest.model_validate({"by": "customer", "resolution": resolution})
        if change_request.chooses_instead(self.ret, message):
            self.said(lambda: self._choose_instead(message))

    def _choose_instead(self, message: ChangeRequest) -> None:
        change_request.choose_instead(self.ret, message, self.now)
        self.shown()

    @rule(accepted=st.booleans(), instead=st.sampled_from([None, "refund", "store_credit"]), keep=st.integers(0, 3))
    def answer_charge(self, accepted: bool, instead: str | None, keep: int) -> None:
        """The customer says what they prefer of an exchange that costs more than was agreed, asked or not."""
        pieces = [{"sku": "C", "quantity": keep}] if keep else None
        money = None if accepted or pieces else instead
        answer = {"by": "customer", "accepted": accepted, "instead": money, "exchange_for": pieces}
        self.said(lambda: self._answer_charge(AnswerCharge.model_validate(answer)))

    def _answer_charge(self, message: AnswerCharge) -> None:
        asked = exchange.check_answer(self.ret, message)
        assert asked.amount > self.agreed, "asked about what was agreed"
        exchange.answer_charge(self.ret, message, self.now)
        if message.accepted:
            self.agreed = asked.amount

    @precondition(lambda self: self.ret.agenda.has(OutboundCommand))
    @rule(number=st.integers(0, 5), works=st.booleans())
    def command(self, number: int, works: bool) -> None:
        """One command is done, or fails for good and is skipped."""
        ret = self.ret
        commands = ret.agenda.waiting(OutboundCommand)
        first = ret.agenda.next(commands[number % len(commands)].lane)
        assert first is not None
        done: dict[type[Command], Callable[[Any, bool], None]] = {
            ReserveStock: self._reserve,
            ReleaseStock: self._unreserve,
            PlaceHold: self._hold,
            ReleaseHold: self._release_hold,
            CaptureHold: self._capture,
            Ship: self._ship,
            SendBack: self._send_back,
            SendToSupplier: self._send_to_supplier,
            RefurbishUnit: self._refurbish_unit,
            RepairCustomerUnit: self._repair_customer_unit,
        }
        done[type(first)](first, works)
        ret.agenda.done(first)
        self.moved()

    def _reserve(self, command: ReserveStock, works: bool) -> None:
        asked = [item for item in outbound.named_items(self.ret, command.items) if item.state in outbound.UNRESERVED]
        for item in asked:
            item.step = self.number("reserve")
            if works:
                self.reserved.add(outbound.reservation(item))
        outbound.reserved(self.ret, asked, [item.name for item in asked] if works else [], self.now)

    def _unreserve(self, command: ReleaseStock, works: bool) -> None:
        self.reserved -= set(command.reservations)

    def _hold(self, command: PlaceHold, works: bool) -> None:
        hold = self.ret.hold
        assert hold is not None
        hold.step = "place_hold"
        if works:
            self.held = True
            holds.hold_placed(self.ret, hold, "ho_1", self.now + timedelta(days=30), self.now)
        else:
            holds.hold_refused(self.ret, hold)

    def _release_hold(self, command: ReleaseHold, works: bool) -> None:
        if self.ret.hold is not None:
            self.held = False
            holds.released(self.ret, "captured" if self.captured else "released", self.now)

    def _capture(self, command: CaptureHold, works: bool) -> None:
        hold = self.ret.hold
        if hold is None or hold.state != "held" or self.ret.handed_over:
            return
        if works:
            assert self.held
            assert not self.captured
            self.held, self.captured = False, True
            holds.captured(self.ret, "ho_1", self.now)
        else:
            holds.request_hold_release(self.ret)
            late_goods.wait_for_late_goods(self.ret, self.now)

    def _ship(self, command: Ship, works: bool) -> None:
        going = [item for item in outbound.named_items(self.ret, command.items) if item.state == "due"]
        if works:
            for item in going:
                assert item.own or outbound.reservation(item) in self.reserved, "sent what nobody had reserved"
                self.reserved.discard(outbound.reservation(item))
            outbound.shipped(self.ret, {item.name for item in going}, "HW-out", self.now)
        else:
            outbound.drop_items(self.ret, going)
        for item in going:
            if item.own and works:
                repair_bench.shipped_home(self.ret, item.name)

    def _send_back(self, command: SendBack, works: bool) -> None:
        for unit_id in command.unit_ids:
            assert unit_id not in self.sent_back, "sent back twice"
            self.sent_back.add(unit_id)

    def _send_to_supplier(self, command: SendToSupplier, works: bool) -> None:
        assert self.ret.settled

    def _refurbish_unit(self, command: RefurbishUnit, works: bool) -> None:
        assert self.ret.settled

    def _repair_customer_unit(self, command: RepairCustomerUnit, works: bool) -> None:
        outcome = self.outcomes[self.numbers % len(self.outcomes)] if works else RepairOutcome.UNREPAIRABLE
        estimate = 900 if outcome is RepairOutcome.REFUSED else None
        repair_bench.finish_repair(
            self.ret, RepairResult(unit_id=command.unit_id, outcome=outcome, estimate=estimate), self.now
        )

    outcomes = tuple(RepairOutcome)

    @rule(unit=st.sampled_from(["1-1", "1-2", "2-1"]), state=st.sampled_from(["awaiting_customer", "repairing"]))
    def bench_says(self, unit: str, state: str) -> None:
        event = RepairEvent.model_validate({"unit_id": unit, "state": state, "estimate": 900, "at": self.now})
        repair_bench.apply_repair_event(self.ret, event, self.now)
        self.moved()

    @rule(unit=st.sampled_from(["1-1", "1-2", "2-1"]))
    def wipe(self, unit: str) -> None:
        message = AttestWipe(by="bench", unit_id=unit, how="reset")
        self.said(lambda: stock.attest_wipe(self.ret, message, self.now))

    def said(self, act: Callable[[], None]) -> None:
        before = view_of(self.ret)
        try:
            act()
        except Refused:
            assert view_of(self.ret) == before, "a refused message changed something"
            return
        self.moved()
