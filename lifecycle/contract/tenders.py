"""The kinds of tenders; their words are in ``content/en/tenders.toml``."""

from enum import StrEnum


class TenderKind(StrEnum):
    """How a part of the order was paid."""

    CARD = "card"
    GIFT_CARD = "gift_card"
    STORE_CREDIT = "store_credit"
    OTHER = "other"
