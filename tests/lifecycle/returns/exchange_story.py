"""An exchange as these tests play it."""

from datetime import datetime
from typing import Any

from lifecycle.contract.grades import Grade
from lifecycle.contract.messages import AnswerCharge
from lifecycle.contract.policy import Policy
from lifecycle.contract.view import Asked
from lifecycle.returns import mail_values
from lifecycle.returns.commands import OutboundCommand, ReleaseStock, ReserveStock, SendMail, Ship
from lifecycle.returns.decisions import exchange
from lifecycle.returns.goods import outbound
from tests.lifecycle.orders import NOW
from tests.lifecycle.returns.story import BOTH, LATER, Story, take


def pieces(quantity: int = 2, price: int = 4000, sku: str = "OTHER", tax: int = 0) -> dict[str, Any]:
    return {"sku": sku, "quantity": quantity, "unit_price": price, "tax_total": tax}


class Exchange(Story):
    """Two shoes of 4000 back, for others; whatever is wanted is in stock, and goes out as soon as it is due."""

    def __init__(self, rules: Policy | None = None, **changes: Any) -> None:
        self.shipped: list[str] = []
        self.released: list[str] = []
        self.mails: list[tuple[str, dict[str, Any]]] = []
        made = {"resolution": "exchange", "exchange_for": [pieces()]}
        super().__init__(rules, **(made | changes))

    def go(self, now: datetime = NOW) -> None:
        super().go(now)
        while self.ret.agenda.has(OutboundCommand, SendMail):
            if self.ret.agenda.has(OutboundCommand):
                self._command(now)
            else:
                mail = take(self.ret, SendMail)
                self.mails.append((mail.template, mail_values.mail_values(self.ret, mail)))
            super().go(now)

    def _command(self, now: datetime) -> None:
        command = take(self.ret, OutboundCommand)
        if isinstance(command, ReserveStock):
            items = outbound.named_items(self.ret, command.items)
            for item in items:
                item.step = "reserve"
            outbound.reserved(self.ret, items, command.items, now)
        elif isinstance(command, Ship):
            outbound.shipped(self.ret, command.items, "HW-out", now)
            self.shipped += [item.sku for item in outbound.named_items(self.ret, command.items)]
        elif isinstance(command, ReleaseStock):
            self.released += command.reservations

    def answer(self, now: datetime = LATER, **said: Any) -> None:
        message = AnswerCharge.model_validate({"by": "customer", **said})
        exchange.answer_charge(self.ret, message, now)
        self.go(now)

    @property
    def asked(self) -> Asked | None:
        return self.view.settlement.asked

    @property
    def events(self) -> list[str]:
        return [entry.event for entry in self.view.timeline]

    @property
    def outcome(self) -> tuple[str, list[int], list[str]]:
        return self.view.status.value, self.paid, self.shipped


def one_rejected(**changes: Any) -> Exchange:
    """Two for two, and one of them is not accepted."""
    story = Exchange(**changes)
    story.receive(BOTH, complete=True)
    story.inspect(u1_1=Grade.A, u1_2=None)
    return story
