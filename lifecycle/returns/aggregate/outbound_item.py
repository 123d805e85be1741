"""What goes out to the customer instead of money."""

from dataclasses import dataclass
from typing import Literal


@dataclass
class OutboundItem:
    """Something that goes out to the customer: for one unit (its id is the name), or in exchange."""

    name: str
    sku: str
    quantity: int
    state: Literal["wanted", "reserved", "short", "due", "shipped", "dropped"] = "wanted"
    #: The step that reserved it.
    step: str = ""
    #: Their own unit, repaired: it comes from no shelf.
    own: bool = False
    tracking_code: str | None = None
