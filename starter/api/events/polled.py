"""Events for who polls: all that happened, oldest first, from a cursor on."""

import json
from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Depends, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from gateways.database.messages import events
from gateways.subscribers.envelope import AnyEvent, cloud_event
from lifecycle.events.families import TYPE_NAMES
from starter.api.shared import examples
from starter.api.shared.api_keys import authenticate
from starter.api.shared.bodies import answers
from starter.api.shared.problems import ALWAYS, INVALID
from starter.shared.services import ServicesDep

router = APIRouter(prefix="/v1/events", tags=["events"])
#: What a cursor is: a position of the database's, as decimal digits.
_CURSOR: Final = r"^[0-9]{1,18}$"


class EventPage(BaseModel):
    """Events, oldest first; ``next_cursor`` goes on behind them, now or later. ``more``: there are more already."""

    events: list[AnyEvent]
    next_cursor: str
    more: bool


class EventQuery(BaseModel):
    """Which events, and from where on."""

    model_config = ConfigDict(extra="forbid")

    type: Annotated[
        list[Literal[TYPE_NAMES]],  # type: ignore[valid-type]  # the table's
        Field(description="Only events of these types; all when left out.", examples=[["homeward.return.refunded"]]),
    ] = []
    limit: Annotated[int, Field(ge=1, le=500, description="How many events are looked at.")] = 100
    cursor: Annotated[
        str | None,
        Field(pattern=_CURSOR, description="The `next_cursor` of the page before; from the oldest kept on without."),
    ] = None


_PAGE: Final[dict[str, Any]] = {"events": [examples.EVENT], "next_cursor": "1795532400123456", "more": False}


@router.get(
    "",
    summary="Poll events",
    **answers(EventPage, _PAGE, "Some events, and where to go on.", *ALWAYS, INVALID),
    dependencies=[Depends(authenticate)],
)
async def list_events(wishes: Annotated[EventQuery, Query()], services: ServicesDep) -> Response:
    """What has happened since somebody subscribes, by the settings or `/v1/subscriptions`.

    Ask again with `next_cursor`, at once while there is `more`. With types a page may hold fewer events than
    `limit`, or none, and its cursor goes on all the same.
    """
    after = int(wishes.cursor or 0)
    found = await events.after(services.db, after, wishes.limit + 1)
    page = found[: wishes.limit]
    told = [cloud_event(event, services.settings.front_door) for _, event in page]
    wanted = [one for one in told if not wishes.type or one["type"] in wishes.type]
    cursor = str(page[-1][0] if page else after)
    return Response(
        json.dumps({"events": wanted, "next_cursor": cursor, "more": len(found) > len(page)}),
        media_type="application/json",
    )
