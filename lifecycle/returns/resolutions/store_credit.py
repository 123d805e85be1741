"""Their money as store credit, with the policy's bonus on top (CONTRACT section 3)."""

from typing import Final

from lifecycle.contract.resolutions import Resolution
from lifecycle.contract.statuses import Status
from lifecycle.returns.resolutions.rule import ResolutionRule

STORE_CREDIT: Final = ResolutionRule(Resolution.STORE_CREDIT, Status.CREDITED, pays="store_credit")
