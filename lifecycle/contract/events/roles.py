"""Who an event may name: a part of the shop or a partner, never a name."""

from typing import Final

from lifecycle.contract.request import Channel
from lifecycle.contract.said_by import name_of

#: Anybody else is ``staff``.
ROLES: Final = frozenset({"engine", "customer", "carrier", "warehouse", "payment", "bench", "temporal"}) | set(Channel)
STAFF: Final = "staff"


def role_of(by: str) -> str:
    """Who did it, as events tell it."""
    name = name_of(by)
    return name if name in ROLES else STAFF
