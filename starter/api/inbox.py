"""Messages of partners that no return has taken: listed, given to a return, put away."""

from datetime import datetime
from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Depends, Path, Query, Response
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from gateways.database.messages import inbox as letters
from gateways.webhook_protocol import Kind
from lifecycle.contract.messages import By
from lifecycle.contract.orders.amounts import Flag
from lifecycle.contract.texts import ReturnId, Text
from starter.api.shared import examples
from starter.api.shared.api_keys import CallerDep, authenticate
from starter.api.shared.bodies import Body, answers, json_of
from starter.api.shared.problems import (
    ALWAYS,
    INVALID,
    NOT_ALLOWED,
    NOT_FOUND,
    OF_A_BODY,
    OF_A_RETURN,
    UNLIKELY,
)
from starter.shared.inbox import Inbox, dismiss, dismiss_unknown, get_known
from starter.shared.services import Services, ServicesDep
from workers.webhook_table import WEBHOOKS

router = APIRouter(prefix="/v1/inbox", tags=["inbox"])
_SOURCES: Final = tuple(WEBHOOKS)
_EventId = Annotated[int, Path(ge=1, le=2**63 - 1, examples=[17])]


class InboxQuery(BaseModel):
    """Which messages, and from where on."""

    model_config = ConfigDict(extra="forbid")

    state: Annotated[
        list[letters.State], Field(description="What nobody has dealt with, `queued` and `waiting`, when left out.")
    ] = []
    source: Annotated[
        Literal[_SOURCES] | None,  # type: ignore[valid-type]  # the table's
        Field(description="Of this partner alone."),
    ] = None
    return_id: Annotated[ReturnId | None, Field(description="That name this return, or that it has.")] = None
    limit: Annotated[int, Field(ge=1, le=500)] = 100
    cursor: Annotated[str | None, Field(pattern=r"^[1-9][0-9]{0,17}$", description="The page before's.")] = None


class InboxMessage(BaseModel):
    """One message. ``queued`` ones are passed on by themselves, ``waiting`` ones need somebody; ``why`` says for what.

    ``message`` is a tracking scan, news of a refund, a receipt or an inspection, as ``kind`` says. With a
    ``next_attempt_at`` it is tried again by itself.
    """

    id: int
    at: AwareDatetime
    source: str
    event_id: str
    kind: Kind
    return_id: str | None
    tracking_code: str | None
    message: dict[str, Any]
    state: letters.State
    why: str | None
    attempts: int
    next_attempt_at: datetime | None


class InboxPage(BaseModel):
    """The newest first; null as ``next_cursor`` at the end."""

    messages: list[InboxMessage]
    next_cursor: str | None


class AttachMessage(BaseModel):
    """Whose it is. ``confirm``: though something speaks against it."""

    by: By
    return_id: ReturnId
    confirm: Flag = False


class DismissMessage(BaseModel):
    """Nothing is to be done about it."""

    by: By
    why: Text


class DismissUnknown(DismissMessage):
    """Nothing is to be done about all that waits from a partner for no return that there is."""

    source: Literal[_SOURCES]  # type: ignore[valid-type]  # the table's


class Dismissed(BaseModel):
    """How many messages were put away."""

    dismissed: int


_MESSAGE: Final[dict[str, Any]] = {
    "id": 17,
    "at": "2026-11-24T15:04:05Z",
    "source": "warehouse",
    "event_id": "msg_1",
    "kind": "receipt",
    "return_id": None,
    "tracking_code": "JD014600003",
    "message": {"receipt_id": "RC-1", "complete": True, "units": [{"line_id": "1", "quantity": 1}]},
    "state": "waiting",
    "why": "no return is known for the parcel JD014600003",
    "attempts": 1,
    "next_attempt_at": "2026-11-24T15:14:05Z",
}
_ATTACH: Final = Body(AttachMessage, {"by": "alex", "return_id": examples.RETURN_ID})
_DISMISS: Final = Body(DismissMessage, {"by": "alex", "why": "a parcel of another shop"})
_UNKNOWN: Final = Body(DismissUnknown, {"by": "alex", "why": "the old shop's", "source": "easypost"})
_DEALT_WITH: Final = {"next_attempt_at": None}
_PROBLEMS: Final = (*ALWAYS, *OF_A_BODY)


@router.get(
    "",
    summary="List messages that no return has taken",
    **answers(InboxPage, {"messages": [_MESSAGE], "next_cursor": None}, "The newest first.", *ALWAYS, INVALID),
    dependencies=[Depends(authenticate)],
)
async def list_inbox(wishes: Annotated[InboxQuery, Query()], services: ServicesDep) -> Response:
    """What partners told by webhooks, and nobody has dealt with yet; or what is in the states that are named."""
    found = await letters.listed(
        services.db,
        wishes.state or letters.OPEN,
        wishes.limit + 1,
        source=wishes.source,
        return_id=wishes.return_id,
        before=int(wishes.cursor) if wishes.cursor else None,
    )
    page = [InboxMessage.model_validate(row) for row in found[: wishes.limit]]
    return json_of(InboxPage(messages=page, next_cursor=str(page[-1].id) if len(found) > len(page) else None))


@router.post(
    "/dismiss",
    summary="Put away all that waits from a partner for no known return",
    **answers(Dismissed, {"dismissed": 12}, "They are put away.", *_PROBLEMS, body=_UNKNOWN),
)
async def dismiss_unknown_messages(
    caller: CallerDep, message: Annotated[DismissUnknown, Depends(_UNKNOWN)], services: ServicesDep
) -> Response:
    """All that wait and name no return that there is."""
    signed = caller.signs(message)
    return json_of(Dismissed(dismissed=await dismiss_unknown(services.db, signed.source, signed.why, signed.by)))


@router.post(
    "/{event_id}/attach",
    summary="Give a message to a return",
    **answers(
        InboxMessage,
        _MESSAGE | _DEALT_WITH | {"state": "passed", "return_id": examples.RETURN_ID, "why": "attached by alex"},
        "The return has it.",
        *(*_PROBLEMS, *OF_A_RETURN, UNLIKELY),
        body=_ATTACH,
    ),
)
async def attach_message(
    event_id: _EventId, caller: CallerDep, message: Annotated[AttachMessage, Depends(_ATTACH)], services: ServicesDep
) -> Response:
    """Pass it on to that return, and whatever else comes of the same parcel or refund. The same again changes nothing.

    Where the parcel or the refund is another return's, the return has another parcel or no such refund, or a line
    is not of its order, it is refused as `unlikely` with what speaks against it; `confirm` passes that over.
    """
    by = caller.signs(message).by
    await Inbox(services.homeward, services.db).attach(event_id, message.return_id, by, confirm=message.confirm)
    return await _shown(services, event_id)


@router.post(
    "/{event_id}/dismiss",
    summary="Put a message away",
    **answers(
        InboxMessage,
        _MESSAGE | _DEALT_WITH | {"state": "dismissed", "why": "alex: a parcel of another shop"},
        "It is put away.",
        *(*_PROBLEMS, NOT_FOUND, NOT_ALLOWED),
        body=_DISMISS,
    ),
)
async def dismiss_message(
    event_id: _EventId, caller: CallerDep, message: Annotated[DismissMessage, Depends(_DISMISS)], services: ServicesDep
) -> Response:
    """Nothing is to be done about it. The same again changes nothing; what a return has is not put away."""
    await dismiss(services.db, event_id, message.why, caller.signs(message).by)
    return await _shown(services, event_id)


async def _shown(services: Services, event_id: int) -> Response:
    event = await get_known(services.db, event_id)
    return json_of(InboxMessage.model_validate({**vars(event), "message": event.message.model_dump(mode="json")}))
