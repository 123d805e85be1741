"""A change of one balance of stock, as returns and repairs ask for it."""

from pydantic import BaseModel


class StockMove(BaseModel):
    """One unit coming to (+1) or leaving (-1) one balance; grade "" is ungraded."""

    kind: str
    unit_id: str
    sku: str
    location: str
    grade: str
    quantity: int
    serial_number: str | None = None
    #: The line's title, as the shop knows it.
    title: str = ""
    #: Only where this step has booked it in: an operator answered for it.
    after: str | None = None
