"""Their money back, to the tenders that paid."""

from typing import Final

from lifecycle.contract.resolutions import Resolution
from lifecycle.contract.statuses import Status
from lifecycle.returns.resolutions.rule import ResolutionRule

REFUND: Final = ResolutionRule(Resolution.REFUND, Status.REFUNDED, pays="tenders")
