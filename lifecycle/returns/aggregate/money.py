"""The settlement of a return."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from lifecycle.contract.fees import Breakdown
from lifecycle.contract.messages import PaymentStatus
from lifecycle.returns.aggregate.payment import Payment
from lifecycle.returns.order_money import MoneyWanted, OrderMoney


@dataclass
class ChargeQuestion:
    """The customer is asked whether an exchange may cost them ``amount`` (minor units), more than was agreed."""

    amount: int
    until: datetime
    remind: datetime | None
    #: It came up when the limit was enforced: once it is answered, that is gone on with.
    at_limit: bool = False


@dataclass
class Round:
    """The settlement that is being carried out: its units, its parts, and what bounded it."""

    units: list[str] = field(default_factory=list)
    breakdown: Breakdown = field(default_factory=Breakdown)
    #: The order had no more left to give back.
    capped: bool = False
    #: An operator set its amount.
    by_hand: bool = False


@dataclass
class Money:
    """The settlement: what is frozen, what was paid."""

    begun: bool = False
    #: A settlement is being carried out; the customer is mailed at its end.
    round_open: bool = False
    #: The customer has been mailed about the settlement that is being carried out.
    told: bool = False
    #: Frozen with the units that were settled.
    amount: int = 0
    breakdown: Breakdown = field(default_factory=Breakdown)
    payments: list[Payment] = field(default_factory=list)
    current: Round = field(default_factory=Round)
    sellers_fault: bool = False
    shipping_paid: bool = False
    #: What an exchange brings has been taken off.
    exchanged: bool = False
    #: The charge that the customer has agreed to for an exchange, 0 where they pay nothing.
    agreed: int = 0
    #: An exchange would cost them more than that: nothing is charged or sent until they have answered.
    question: ChargeQuestion | None = None
    #: How many payments there were when the settlement that is being carried out began.
    paid_before: int = 0
    #: Settlements begun so far, and parcels sent to the customer before the one that is being carried out.
    rounds: int = 0
    sent_before: int = 0
    #: What it holds of the order's money; None for a return that opened before orders' money was claimed.
    claim: OrderMoney | None = None
    #: The most that it has asked for; None until it was opened.
    asked_for: MoneyWanted | None = None
    #: The books have just answered: the settlement that asked goes on with what it holds.
    answered: bool = False
    #: What asked and goes on once the books have answered, besides a settlement that is due.
    then: Literal["limit", "outside"] | None = None
    #: The reference of what was paid outside, for the settlement that waits for the books.
    outside: str | None = None
    #: What was given back as goods or repairs, and not as money.
    taken_off: int = 0
    #: Overridden amount of the settlement to come, by an operator.
    overridden: int | None = None
    #: How often a pending refund was asked after.
    asked: int = 0
    #: Tenders that gave all they still held.
    drained: set[str] = field(default_factory=set)
    #: Events of refunds that came before the refund's own answer, by reference.
    early_news: dict[str, PaymentStatus] = field(default_factory=dict)
