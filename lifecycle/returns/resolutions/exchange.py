"""Something else instead; the difference is paid or charged, never more than was agreed (``settlement.agreement``)."""

from typing import Final

from lifecycle.contract.resolutions import Resolution
from lifecycle.contract.statuses import Status
from lifecycle.returns.resolutions.rule import ResolutionRule

EXCHANGE: Final = ResolutionRule(Resolution.EXCHANGE, Status.EXCHANGED, pays="tenders", sends="chosen_items")
