"""To which of the order's tenders the money goes (CONTRACT section 3)."""

from collections.abc import Mapping, Sequence

from lifecycle.contract.money import share_out
from lifecycle.contract.request import Tender, TenderKind


def allocate(
    amount: int,
    tenders: Sequence[Tender],
    order_of_kinds: Sequence[TenderKind],
    already: Mapping[str, int],
) -> list[tuple[str, int]]:
    """``(tender_id, amount)`` for each tender that gets money, in the policy's order.

    None gets more than it holds: captured, less refunded and less what ``already`` says.
    Raises ``ValueError`` when they do not cover the amount.
    """
    rooms = {
        tender.tender_id: tender.captured - tender.refunded - already.get(tender.tender_id, 0)
        for tender in sorted(tenders, key=lambda tender: order_of_kinds.index(tender.kind))
    }
    parts = share_out(amount, rooms)
    rest = amount - sum(part for _, part in parts)
    if rest > 0:
        raise ValueError(f"the tenders hold {rest} less than is to be paid back")
    return parts
