"""The same item again, also ahead of the goods: against a hold on the card (``goods.advance_replacement``)."""

from typing import Final

from lifecycle.contract.resolutions import Resolution
from lifecycle.contract.statuses import Status
from lifecycle.returns.resolutions.rule import ResolutionRule

REPLACEMENT: Final = ResolutionRule(
    Resolution.REPLACEMENT,
    Status.REPLACED,
    sends="same_item",
    if_personal=Resolution.REPAIR,
    if_impossible=Resolution.REFUND,
)
