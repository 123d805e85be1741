"""What a return would give, before anybody starts it."""

from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Response

from activities.opening import FREQUENT_WINDOW
from gateways.database.returns import facts
from gateways.orders.identity import tell_apart
from lifecycle.eligibility import Facts
from starter.api import examples
from starter.api.access import enter
from starter.api.bodies import Body, json_of, shown
from starter.api.problems import ALWAYS, OF_A_BODY, told
from starter.quote import Asked, Quote, QuoteRequest, parse_quote, quote_beside
from starter.web.doors import Doors, DoorsHere

router = APIRouter(prefix="/v1/quotes", tags=["quotes"], dependencies=[Depends(enter)])


def _asked(raw: Any) -> Any:
    return parse_quote(raw, datetime.now(UTC))


_BODY = Body[Any](QuoteRequest, examples.QUOTE_OF, _asked)


@router.post(
    "",
    response_model=Quote,
    responses={200: shown(examples.QUOTE, "What it would give."), **told(*ALWAYS, *OF_A_BODY)},
    openapi_extra=_BODY.described,
)
async def quote(asked: Annotated[Asked, Depends(_BODY)], doors: DoorsHere) -> Response:
    """Tell the settlement that a request would give, starting nothing.

    Beside what other returns of the order hold, and by the same rules that a return follows.
    """
    now = datetime.now(UTC)
    return json_of(quote_beside(await _known(doors, asked, now), asked, doors.policy(), now))


async def _known(doors: Doors, asked: Asked, now: datetime) -> Facts:
    order = asked.request.order
    await tell_apart(doors.db, doors.orders, order.order_id)
    return await doors.db.read(
        lambda connection: facts(
            connection,
            order_id=order.order_id,
            customer_id=order.customer.customer_id,
            return_id=asked.request.return_id or "",
            since=now - FREQUENT_WINDOW,
        )
    )
