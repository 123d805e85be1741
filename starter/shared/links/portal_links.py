"""Where a link from the shop's own pages leads, and for whom: the shop vouches for who is signed in there."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from secrets import token_hex
from typing import Annotated, Final, Literal
from urllib.parse import quote, urlencode, urlsplit

from pydantic import BaseModel, Field

from gateways.database.messages.signed_links import PORTAL_LINK_SECONDS, portal_link
from gateways.database.returns.records import returns_of
from lifecycle.contract.errors import InvalidRequest
from lifecycle.contract.mailboxes import same_mailbox
from lifecycle.contract.request import Order
from lifecycle.contract.texts import ONE_LINE, EmailAddress, Identifier
from starter.shared.services import Services

#: How long the address may be that the portal leads back to: it stands in a cookie.
_LONGEST: Final = 500


class PortalLinkRequest(BaseModel):
    """Which order's pages to open, for the customer who is signed in at the shop.

    ``go``: `return` is the order with what can come back, `status` its latest return, `label` that return's label.
    ``items`` are lines that are ticked beforehand; ``return_to`` is where the portal leads back to.
    """

    order_id: Identifier
    customer: EmailAddress
    go: Literal["return", "status", "label"] = "return"
    items: Annotated[list[Identifier], Field(max_length=500)] = []
    return_to: Annotated[str, Field(max_length=_LONGEST), ONE_LINE] | None = None


class PortalLink(BaseModel):
    """What opens the pages, once and without a button, until ``ends_at``."""

    url: str
    ends_at: datetime


@dataclass(frozen=True)
class Destination:
    """The order that is opened, the page of the portal that is shown first, and where that leads back to."""

    order_id: str
    path: str
    return_to: str | None


async def link_to(services: Services, asked: PortalLinkRequest) -> PortalLink:
    """A link of its own each time; raises ``InvalidRequest`` by field, and ``gateways.errors`` without the orders."""
    found = await destination(services, asked)
    sealed = [found.order_id, found.path, found.return_to, token_hex(8)]
    url = await portal_link(services.db, services.settings.front_door, sealed)
    return PortalLink(url=url, ends_at=datetime.now(UTC) + timedelta(seconds=PORTAL_LINK_SECONDS))


async def destination(services: Services, asked: PortalLinkRequest) -> Destination:
    """Where it leads; raises as ``link_to`` does."""
    found = await services.orders.find(asked.order_id)
    if found is None:
        raise InvalidRequest([("order_id", "expected an order that the shop knows")])
    placed_by = found.order.customer.email
    if placed_by is None or not same_mailbox(placed_by, asked.customer):
        raise InvalidRequest([("customer", "expected the mail address that the order was placed with")])
    _check_return_to(services, asked.return_to)
    ticked = _ticked(found.order, asked.items)
    order_id = found.order.order_id
    path = ticked if asked.go == "return" else await _of_latest_return(services, order_id, label=asked.go == "label")
    return Destination(order_id, path or ticked, asked.return_to)


def _ticked(order: Order, items: list[str]) -> str:
    numbers = {line.line_id: number for number, line in enumerate(order.lines)}
    wrong = [(f"items.{at}", "expected a line of the order") for at, item in enumerate(items) if item not in numbers]
    if wrong:
        raise InvalidRequest(wrong)
    path, query = f"/orders/{quote(order.order_id, safe='')}", urlencode([("item", numbers[item]) for item in items])
    return f"{path}?{query}" if query else path


async def _of_latest_return(services: Services, order_id: str, *, label: bool) -> str | None:
    """Its page, or its label where there is one; None of an order without returns."""
    rows = await returns_of(services.db, order_id)
    if not rows:
        return None
    return_id = rows[-1].return_id
    path = f"/returns/{quote(return_id, safe='')}"
    has_label = label and (await services.homeward.view(return_id)).handover.label_url
    return f"{path}/label" if has_label else path


def _check_return_to(services: Services, url: str | None) -> None:
    parts = urlsplit(url or "")
    if url and f"{parts.scheme}://{parts.netloc}" not in services.settings.return_to:
        raise InvalidRequest([("return_to", "expected an address of one of HOMEWARD_RETURN_TO")])
