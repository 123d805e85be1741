"""Their own unit, repaired on the bench (``goods.repair_bench``, ``lifecycle.repairs``)."""

from typing import Final

from lifecycle.contract.resolutions import Resolution
from lifecycle.contract.statuses import Status
from lifecycle.returns.resolutions.rule import ResolutionRule

REPAIR: Final = ResolutionRule(
    Resolution.REPAIR,
    Status.REPAIRED,
    sends="repaired_unit",
    if_impossible=Resolution.REPLACEMENT,
    by_warranty=True,
)
