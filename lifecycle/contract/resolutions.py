"""What a customer can get for what comes back; each has its file in ``lifecycle.returns.resolutions``."""

from enum import StrEnum


class Resolution(StrEnum):
    """What the customer wants instead."""

    REFUND = "refund"
    STORE_CREDIT = "store_credit"
    REPLACEMENT = "replacement"
    EXCHANGE = "exchange"
    REPAIR = "repair"
