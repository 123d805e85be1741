"""What somebody of the shop may give in exchange: what the order offers, unless their key decides about money.

A price is what makes an exchange a sale: whoever names it gives goods away.
"""

from collections import Counter, defaultdict, deque
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from gateways.database.returns.records import get_return
from gateways.database.support.cases import get_case
from gateways.orders.protocol import Alternative, search
from lifecycle.contract.errors import InvalidRequest
from lifecycle.contract.messages import ChangeRequest
from lifecycle.contract.request import ExchangeItem, Item, ReturnRequest
from lifecycle.support.messages import WantedReturn
from starter.api.shared.api_keys import Caller
from starter.shared.services import Services
from workers.setting_values import Scope

_NAMES_PRICES: Final = frozenset[Scope]({"operate", "vouch"})
Alternatives = Mapping[str, Sequence[Alternative]]


async def check_changed(services: Services, caller: Caller, return_id: str, message: ChangeRequest) -> None:
    """Whether this key may change a return so; raises ``InvalidRequest``."""
    if not (message.exchange_for or message.items) or caller.scopes & _NAMES_PRICES:
        return
    row = await get_return(services.db, return_id)
    if row is None:
        return  # whoever takes the message says so
    request = ReturnRequest.model_validate(row.request)
    units = units_of(message.items or request.items)
    if message.exchange_for:
        check_offered(message.exchange_for, units, await _alternatives(services, row.order_id))
    elif request.exchange_for:
        await _check_kept(services, row.order_id, request, units)


async def _check_kept(services: Services, order_id: str, request: ReturnRequest, units: Mapping[str, int]) -> None:
    """Whether the pieces that were wanted before are offered for other units too, if they were for the old ones.

    They were not where a key that names prices wanted them: those are that key's to answer for.
    """
    alternatives, wanted = await _alternatives(services, order_id), request.exchange_for or ()
    try:
        check_offered(wanted, units_of(request.items), alternatives)
    except InvalidRequest:
        return
    check_offered(wanted, units, alternatives)


async def check_made(services: Services, caller: Caller, case_id: str, wanted: WantedReturn) -> None:
    """Whether this key may make such a return of a question; raises ``InvalidRequest``."""
    if not wanted.exchange_for or wanted.order or caller.scopes & _NAMES_PRICES:
        return
    found = await _alternatives(services, wanted.order_id or await _asked_about(services, case_id))
    # Without items it is the only unit of its order.
    units = units_of(wanted.items) if wanted.items else dict.fromkeys(found, 1)
    check_offered(wanted.exchange_for, units, found, "request.exchange_for")


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


def units_of(items: Iterable[Item]) -> dict[str, int]:
    """How many units of each line come back, by ``line_id``."""
    units: Counter[str] = Counter()
    for item in items:
        units[item.line_id] += item.quantity
    return units


def check_offered(
    wanted: Sequence[ExchangeItem],
    units: Mapping[str, int],
    alternatives: Alternatives,
    field: str = "exchange_for",
) -> None:
    """Whether an exchange brings no more than these units can be exchanged for; raises ``InvalidRequest``.

    Each unit of a line, by ``line_id``, brings at most one piece that its line offers, at that offer's price.
    """
    offers = defaultdict(list)
    for line_id in units:
        for other in alternatives.get(line_id, ()):
            offers[other.sku].append((line_id, other))
    wrong, lines = [], []
    for number, item in enumerate(wanted):
        lines.append([line_id for line_id, other in offers.get(item.sku, ()) if _is_priced_as(item, other)])
        if item.sku not in offers:
            wrong.append((f"{field}.{number}.sku", "expected what the order's lines can be exchanged for"))
        elif not lines[-1]:
            wrong.append((f"{field}.{number}.unit_price", "expected the price and tax of the order's offer"))
    beyond = None if wrong else _beyond([item.quantity for item in wanted], lines, units)
    if beyond is not None:
        expected = "expected at most one piece for each unit that comes back of a line that offers it"
        wrong.append((f"{field}.{beyond}.quantity", expected))
    if wrong:
        raise InvalidRequest(wrong)


def _is_priced_as(item: ExchangeItem, other: Alternative) -> bool:
    return (item.unit_price, item.tax_total) == (other.unit_price, other.tax_total * item.quantity)


def _beyond(quantities: Sequence[int], lines: Sequence[Sequence[str]], units: Mapping[str, int]) -> int | None:
    """The first item that finds no unit for one of its pieces, however those before it are placed; or None."""
    free, placed = dict(units), {line_id: Counter[int]() for line_id in units}
    for number, quantity in enumerate(quantities):
        for _ in range(quantity):
            if not _place(number, lines, free, placed):
                return number
    return None


def _place(
    number: int, lines: Sequence[Sequence[str]], free: dict[str, int], placed: Mapping[str, Counter[int]]
) -> bool:
    """Place one piece on a unit of one of its item's lines, moving others where that makes room (a matching)."""
    reached: dict[str, tuple[int, str | None]] = {}  # which item's piece comes to a line, and from which line
    waiting: deque[tuple[int, str | None]] = deque([(number, None)])
    while waiting:
        item, source = waiting.popleft()
        for line_id in lines[item]:
            if line_id in reached:
                continue
            reached[line_id] = (item, source)
            if free[line_id]:
                free[line_id] -= 1
                _move(line_id, reached, placed)
                return True
            waiting.extend((other, line_id) for other, count in placed[line_id].items() if count)
    return False


def _move(end: str, reached: Mapping[str, tuple[int, str | None]], placed: Mapping[str, Counter[int]]) -> None:
    """One piece on, along the way that leads to this line."""
    line_id: str | None = end
    while line_id is not None:
        item, source = reached[line_id]
        placed[line_id][item] += 1
        if source is not None:
            placed[source][item] -= 1
        line_id = source
