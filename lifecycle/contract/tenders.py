"""The kinds of tenders, and what each stands for (CONTRACT section 4).

A kind's words are in ``content/en/tenders.toml``, and everybody else asks this table.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class TenderKind(StrEnum):
    """How a part of the order was paid."""

    CARD = "card"
    GIFT_CARD = "gift_card"
    STORE_CREDIT = "store_credit"
    OTHER = "other"


@dataclass(frozen=True)
class TenderRule:
    """What one kind stands for."""

    #: Whether its reference names an account that may pay several orders, and not one order's payment.
    is_account: bool = False


#: In the order in which an order's tenders are paid back where the policy does not say otherwise.
TENDERS: Final = {
    TenderKind.GIFT_CARD: TenderRule(is_account=True),
    TenderKind.STORE_CREDIT: TenderRule(is_account=True),
    TenderKind.CARD: TenderRule(),
    TenderKind.OTHER: TenderRule(),
}
