"""Every resolution there is, each in a file of its own beside this one."""

from typing import Final

from lifecycle.contract.resolutions import Resolution
from lifecycle.returns.resolutions.exchange import EXCHANGE
from lifecycle.returns.resolutions.refund import REFUND
from lifecycle.returns.resolutions.repair import REPAIR
from lifecycle.returns.resolutions.replacement import REPLACEMENT
from lifecycle.returns.resolutions.rule import ResolutionRule
from lifecycle.returns.resolutions.store_credit import STORE_CREDIT

RULES: Final = {rule.resolution: rule for rule in (REFUND, STORE_CREDIT, REPLACEMENT, EXCHANGE, REPAIR)}
#: What a customer gets when they cannot have, or do not answer for, what they asked for.
MONEY_BACK: Final = REFUND.resolution
#: What may be had instead of goods.
MONEY_ONLY: Final = tuple(resolution for resolution, rule in RULES.items() if rule.money_only)
#: For these the request says which goods are wanted.
CHOSEN_ITEMS: Final = frozenset(resolution for resolution, rule in RULES.items() if rule.sends == "chosen_items")
#: How a return ends that sends the customer something, by what it sends.
SENDING: Final = {rule.sends: rule.status for rule in RULES.values() if rule.sends}


def rule_of(resolution: Resolution) -> ResolutionRule:
    """What the resolution is."""
    return RULES[resolution]
