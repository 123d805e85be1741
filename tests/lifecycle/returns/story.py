"""Drives the aggregate alone, for tests of pure rules."""

from datetime import datetime, timedelta
from typing import Any, TypeVar

from lifecycle.contract.messages import (
    Inspection,
    Override,
    PaymentStatus,
    Receipt,
    ResolveAttention,
    TrackingEvent,
    TrackingStatus,
)
from lifecycle.contract.policy import Policy
from lifecycle.contract.view import View
from lifecycle.returns import alarms
from lifecycle.returns.advance import advance
from lifecycle.returns.aggregate.parcels import Parcel
from lifecycle.returns.commands import ClaimUnits, Pay, ProvideHandover, ReleaseUnits
from lifecycle.returns.decisions import attention, override
from lifecycle.returns.goods import handover, pieces, reception
from lifecycle.returns.settlement import payments
from lifecycle.returns.state import Return
from lifecycle.returns.views.return_view import view_of
from lifecycle.shared.agenda import Command
from tests.lifecycle.orders import NOW, opened

TWO = [{"line_id": "1", "quantity": 2, "reason": "unwanted"}]
LATER = NOW + timedelta(days=1)
LIMIT = NOW + timedelta(days=20)


#: A type of command.
Kind = TypeVar("Kind", bound=Command)


def take(ret: Return, kind: type[Kind]) -> Kind:
    """The first command of that kind; it leaves the agenda."""
    command = ret.agenda.waiting(kind)[0]
    ret.agenda.done(command)
    return command


class Story:
    """Drives the aggregate alone; payments succeed at once."""

    def __init__(self, rules: Policy | None = None, **changes: Any) -> None:
        self.ret: Return = opened(rules, **({"items": TWO} | changes))
        self.numbers = 0
        #: The books of the order know of no piece that came before; false: they have not answered.
        self.books_answer = True
        self.go()
        if self.ret.agenda.has(ProvideHandover):
            handover.label_bought(self.ret, Parcel("T-1", "/label", "buy_return_label"), NOW)

    @property
    def view(self) -> View:
        return view_of(self.ret)

    @property
    def paid(self) -> list[int]:
        return [paid.amount for paid in self.view.settlement.paid]

    @property
    def receptions(self) -> list[str]:
        return [unit.reception.value for unit in self.view.units]

    def go(self, now: datetime = NOW) -> None:
        self.ret.agenda.withdraw(ClaimUnits, ReleaseUnits)
        if self.books_answer:
            pieces.checked(self.ret, pieces.unchecked(self.ret, [unit.unit_id for unit in self.ret.units]), {}, now)
        advance(self.ret, now)
        while self.ret.agenda.has(Pay):
            payment = take(self.ret, Pay).payment
            payments.payment_answered(self.ret, payment, PaymentStatus.SUCCEEDED, f"re_{len(self.paid)}", now)
            advance(self.ret, now)

    def number(self) -> str:
        self.numbers += 1
        return f"n{self.numbers}"

    def scan(self, status: TrackingStatus, at: datetime = NOW, now: datetime = NOW) -> None:
        event = TrackingEvent(event_id=self.number(), tracking_code="T-1", status=status, at=at)
        handover.track(self.ret, event, now)
        self.go(now)

    def receive(self, *units: dict[str, Any], complete: bool = False, now: datetime = LATER) -> None:
        raw = {"receipt_id": self.number(), "complete": complete, "units": list(units)}
        reception.receive(self.ret, Receipt.model_validate(raw), now)
        self.go(now)

    def inspect(self, now: datetime = LATER, **units: Any) -> None:
        """Keywords are unit ids with ``u`` and ``_`` for a hyphen: ``u1_1=Grade.A``; None rejects."""
        verdicts = [
            {"unit_id": name[1:].replace("_", "-"), "grade": grade, "accepted": grade is not None}
            for name, grade in units.items()
        ]
        raw = {"inspection_id": self.number(), "units": verdicts}
        reception.inspect(self.ret, Inspection.model_validate(raw), now)
        self.go(now)

    def wait(self, until: datetime = LIMIT) -> None:
        while (due := alarms.next_alarm(self.ret)) and due.at <= until:
            alarms.fire_due_deadlines(self.ret, due.at)
            self.go(due.at)

    def change(self, field: str, value: Any, unit_id: str | None = None, now: datetime = LATER) -> None:
        raw = {"by": "operator", "why": "seen", "unit_id": unit_id, "field": field, "value": value}
        override.override(self.ret, Override.model_validate(raw), now)
        self.go(now)

    def resolve(self, action: str, reference: str | None = None) -> None:
        message = {"by": "operator", "action": action, "reference": reference}
        attention.resolve(self.ret, ResolveAttention.model_validate(message), LIMIT)
        self.go(LIMIT)


SHOE = {"line_id": "1"}
BOTH = {"line_id": "1", "quantity": 2}
EVERYTHING = [
    {"line_id": "1", "quantity": 3, "reason": "defective"},
    {"line_id": "2", "quantity": 1, "reason": "color"},
]
