"""What the tests ask of the partners."""

from dataclasses import replace
from datetime import UTC, datetime

from gateways.carrier.protocol import LabelOrder, OutboundOrder
from gateways.payment.protocol import ChargeOrder, HoldOrder, RefundOrder
from lifecycle.contract.request import Address, Customer

NOW = datetime(2026, 11, 24, 15, 0, tzinfo=UTC)


def label_order(return_id: str = "R-1", line2: str | None = None, name: str = "Sample Customer") -> LabelOrder:
    """A label from the customer to the shop; ``line2`` may hold a fault word."""
    home = Address(line1="1 Main St", line2=line2, city="Springfield", state="IL", postal_code="62701", country="US")
    shop = Address(name="Demo Shop Returns", line1="9 Dock Road", city="Springfield", postal_code="62701", country="US")
    sender = Customer(customer_id="C-1", name=name, email="customer@example.com", address=home)
    return LabelOrder(return_id=return_id, sender=sender, to=shop)


def outbound_order(line2: str | None = None, *items: tuple[str, int]) -> OutboundOrder:
    """A parcel from the shop to the customer; ``line2`` may hold a fault word."""
    order = label_order(line2=line2)
    return OutboundOrder("R-1", order.sender, order.to, items or (("SHOE-42", 1),))


_REFUND = RefundOrder(
    return_id="R-1",
    step="refund-t1",
    tender_id="t1",
    tender_reference="pi_1",
    amount=4033,
    currency="USD",
    captured=13090,
    refunded=0,
)


def refund_order(reference: str = "pi_1", amount: int = 4033) -> RefundOrder:
    """Money back to a tender that holds 130.90; ``reference`` may hold a fault word."""
    return replace(_REFUND, tender_reference=reference, amount=amount)


def hold_order(reference: str = "pi_1", amount: int = 4400) -> HoldOrder:
    """An amount to set aside; ``reference`` may hold a fault word."""
    return HoldOrder("R-1", "hold", reference, amount, "USD", NOW)


def charge_order(reference: str = "pi_1", amount: int = 500) -> ChargeOrder:
    """A difference that the customer owes; ``reference`` may hold a fault word."""
    return ChargeOrder("R-1", "charge", reference, amount, "USD")
