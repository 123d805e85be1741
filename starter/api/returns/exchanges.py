"""What somebody of the shop may give in exchange: what the order offers, unless their key decides about money.

A price is what makes an exchange a sale: whoever names it gives goods away.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Final

from gateways.database.returns.records import get_return
from gateways.database.support.cases import get_case
from gateways.orders.protocol import Alternative, search
from lifecycle.contract.errors import InvalidRequest
from lifecycle.contract.messages import ChangeRequest
from lifecycle.contract.request import ExchangeItem, ReturnRequest
from lifecycle.support.messages import WantedReturn
from starter.api.shared.api_keys import Caller
from starter.shared.services import Services
from workers.settings import Scope

_NAMES_PRICES: Final = frozenset[Scope]({"operate", "vouch"})
Alternatives = Mapping[str, Sequence[Alternative]]


async def check_changed(services: Services, caller: Caller, return_id: str, message: ChangeRequest) -> None:
    """Whether this key may change a return so; raises ``InvalidRequest``."""
    if not message.exchange_for or caller.scopes & _NAMES_PRICES:
        return
    row = await get_return(services.db, return_id)
    if row is None:
        return  # whoever takes the message says so
    request = ReturnRequest.model_validate(row.request)
    lines = {item.line_id for item in message.items or request.items}
    check_offered(message.exchange_for, lines, await _alternatives(services, row.order_id))


async def check_made(services: Services, caller: Caller, case_id: str, wanted: WantedReturn) -> None:
    """Whether this key may make such a return of a question; raises ``InvalidRequest``."""
    if not wanted.exchange_for or wanted.order or caller.scopes & _NAMES_PRICES:
        return
    found = await _alternatives(services, wanted.order_id or await _asked_about(services, case_id))
    lines = {item.line_id for item in wanted.items} if wanted.items else set(found)
    check_offered(wanted.exchange_for, lines, found, "request.exchange_for")


async def _asked_about(services: Services, case_id: str) -> str | None:
    """The order that a question names, or that of the return it names."""
    case = await get_case(services.db, case_id)
    if case is None or case.request.order_id or not case.request.return_id:
        return case.request.order_id if case else None
    about = await get_return(services.db, case.request.return_id)
    return about.order_id if about else None


async def _alternatives(services: Services, order_id: str | None) -> Alternatives:
    """By line; none for an order that the shop does not know."""
    if order_id:
        async for found in search(services.orders, order_id):
            return found.alternatives
    return {}


def check_offered(
    wanted: Sequence[ExchangeItem], lines: Collection[str], alternatives: Alternatives, field: str = "exchange_for"
) -> None:
    """Whether an exchange brings what these lines can be exchanged for, at that price; raises ``InvalidRequest``."""
    offered = {other.sku: other for line_id in lines for other in alternatives.get(line_id, ())}
    wrong = []
    for number, item in enumerate(wanted):
        other = offered.get(item.sku)
        if other is None:
            wrong.append((f"{field}.{number}.sku", "expected what the order's lines can be exchanged for"))
        elif (item.unit_price, item.tax_total) != (other.unit_price, other.tax_total * item.quantity):
            wrong.append((f"{field}.{number}.unit_price", "expected the price and tax of the order's offer"))
    if wrong:
        raise InvalidRequest(wrong)
