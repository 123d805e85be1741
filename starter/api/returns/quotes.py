"""What a return would give, before anybody starts it."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Request, Response

from lifecycle.contract.boundary import read
from lifecycle.contract.request import NamedOrder
from lifecycle.returns.decisions.quote import Asked, Quote, QuoteRequest, parse_quote, quote_beside
from starter.api.returns.known_orders import check_agrees, is_named, known_order, plain_order
from starter.api.shared import examples
from starter.api.shared.api_keys import Caller, CallerDep, spend
from starter.api.shared.bodies import Body, answers, json_of
from starter.api.shared.problems import ALWAYS, OF_A_BODY
from starter.shared.aside import aside
from starter.shared.other_returns import facts_beside
from starter.shared.services import Services, ServicesDep

router = APIRouter(prefix="/v1/quotes", tags=["quotes"])


class NamedQuote(QuoteRequest):
    """A quote of an order that the shop knows."""

    order: NamedOrder  # type: ignore[assignment]  # described only: the order is looked up


def _asked(raw: Any) -> Any:
    """What is to be quoted, or the body as it came where its order has to be looked up first."""
    if is_named(raw):
        read(NamedOrder, raw["order"])
        return raw
    return parse_quote(raw, datetime.now(UTC))


_BODY = Body[Any](QuoteRequest, examples.QUOTE_OF, _asked, NamedQuote)
#: Scopes that may ask about any order: who reads sees every return, who vouches says what was bought.
_OF_ANY_ORDER: Final = frozenset({"read", "vouch"})


@router.post("", **answers(Quote, examples.QUOTE, "What it would give.", *ALWAYS, *OF_A_BODY, body=_BODY))
async def quote_return(
    request: Request, caller: CallerDep, body: Annotated[Any, Depends(_BODY)], services: ServicesDep
) -> Response:
    """Give the settlement that a request would come to; starts nothing.

    Beside what other returns of the order hold, and by the same rules that a return follows. The `order`
    is one that the shop knows, as for a start; a key with `read` or `vouch` may ask about any other.
    """
    now = datetime.now(UTC)
    asked = await _of_an_order(services, caller, body, now)
    units = asked.request.order.units
    await spend(request, caller, units)
    known = await facts_beside(services, asked.request.order, asked.request.return_id or "", now)
    return json_of(await aside(units, quote_beside, known, asked, services.policy(), now))


async def _of_an_order(services: Services, caller: Caller, body: Any, now: datetime) -> Asked:
    if not isinstance(body, Asked):
        found = await known_order(services, body["order"]["order_id"])
        return parse_quote({**body, "order": plain_order(found.order)}, now)
    if not caller.scopes & _OF_ANY_ORDER:
        known = (await known_order(services, body.request.order.order_id)).order
        check_agrees(body.request.order, known)
        return replace(body, request=body.request.model_copy(update={"order": known}))
    return body
