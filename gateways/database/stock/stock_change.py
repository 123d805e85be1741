"""One change of a balance of stock."""

from dataclasses import dataclass


@dataclass(frozen=True)
class StockChange:
    """One signed change of one balance; grade "" is ungraded.

    ``quantity`` changes what is on hand, ``reserved`` how much of it is spoken for.
    """

    kind: str
    sku: str
    location: str
    grade: str
    quantity: int
    serial_number: str | None = None
    return_id: str | None = None
    unit_id: str | None = None
    reserved: int = 0
    #: Who did it, where it was nobody's return.
    by: str | None = None
