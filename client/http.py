"""The typed way in over HTTP: the same calls and errors as ``client.returns``, with nothing of Temporal.

Every call is safe to repeat, so each is repeated by itself while the other side says that it cannot
answer now: a start carries the return's id, everything else an ``Idempotency-Key``.
"""

import asyncio
import time
from collections.abc import Mapping
from datetime import datetime, timedelta
from types import TracebackType
from typing import Any, Final, Self, TypeVar
from urllib.parse import quote
from uuid import uuid4

import httpx
from pydantic import BaseModel

from client.answers import Page, Source, SourcedView, Started
from client.errors import (
    Closed,
    Forgotten,
    HomewardError,
    InvalidInput,
    NoAnswer,
    NotAllowed,
    NotAuthorised,
    Orphaned,
    OtherRequest,
    OutOfReach,
    UnknownRepair,
    UnknownReturn,
    Unreachable,
)
from client.ids import new_return_id
from client.list_rows import Listed, ListFilter
from client.messages import RepairCalls, ReturnCalls
from lifecycle.contract import messages
from lifecycle.contract.request import ReturnRequest
from lifecycle.contract.view import DropOff, Pickup, Summary, View
from lifecycle.repairs.messages import RepairSummary
from lifecycle.returns.decisions.quote import Quote
from lifecycle.shared.listing import Sort

T = TypeVar("T", bound=BaseModel)
#: How long a call is repeated before it fails.
PATIENCE: Final = timedelta(seconds=30)
#: How long one try may take in all, in seconds; the API itself answers within three.
_ONE_TRY: Final = 10.0
_WAIT: Final = 1.0
_NOT_NOW: Final = frozenset({429, 503})
#: The calls of the API that are not named after their update.
_CALLS: Final = {
    "record_receipt": "receipts",
    "record_inspection": "inspections",
    "change_request": "change",
    "answer_charge": "charge",
    "attest_wipe": "wipes",
    "resolve_attention": "attention",
    "record_diagnosis": "diagnosis",
    "answer_estimate": "estimate",
    "record_repair": "repair",
    "record_check": "check",
}
_REFUSED: Final[Mapping[str, type[NotAllowed]]] = {
    "closed": Closed,
    "forgotten": Forgotten,
    "orphaned": Orphaned,
    "other-request": OtherRequest,
}


class HttpHomeward(ReturnCalls):
    """Starts, changes and shows returns; to be used as an asynchronous context.

    Raises as ``client.returns.Homeward`` does, and ``NotAuthorised`` where the key does not open a call.
    """

    def __init__(
        self,
        url: str,
        key: str | None = None,
        patience: timedelta = PATIENCE,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        """``url`` is where the API is served, such as ``http://127.0.0.1:8000``."""
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        self._http = httpx.AsyncClient(base_url=url, headers=headers, timeout=_ONE_TRY, transport=transport)
        self._patience = patience.total_seconds()
        self.repairs = HttpRepairs(self)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Close all connections."""
        await self._http.aclose()

    async def start(self, request: ReturnRequest) -> Started:
        """Start a return and wait for the policy's decision; a known ``return_id`` is answered.

        A ``NamedRequest`` is of an order that the shop knows, by its id alone.
        """
        request = request.model_copy(update={"return_id": request.return_id or new_return_id()})
        answer = await self.ask("POST", "/v1/returns", request)
        return Started(Summary.model_validate_json(answer.content), created=answer.status_code == 201)

    async def revive(self, return_id: str) -> Summary:
        """Have a return that nothing carries go on from its records."""
        answer = await self.ask("POST", f"{_about(return_id)}/revive", unknown=UnknownReturn(return_id))
        return Summary.model_validate_json(answer.content)

    async def release(self, return_id: str, message: messages.Release) -> Summary:
        """End a return that nothing carries."""
        return await self._update(return_id, "release", message)

    async def sourced_view(self, return_id: str) -> SourcedView:
        """Show all of one return, with where it comes from."""
        answer = await self.ask("GET", _about(return_id), unknown=UnknownReturn(return_id))
        return SourcedView(View.model_validate_json(answer.content), Source(answer.headers["Homeward-View"]))

    async def page(self, wanted: ListFilter, limit: int = 100, after: bytes | None = None) -> Page:
        """One page of that list, going on ``after`` another."""
        params: dict[str, Any] = {
            "status": wanted.statuses or None,
            "escalated": wanted.escalated,
            "attention": wanted.attention,
            "due_before": _iso(wanted.due_before),
            "q": wanted.text,
            "resolution": wanted.resolution,
            "method": wanted.method,
            "reason": wanted.reason,
            "country": wanted.country,
            "opened_from": _iso(wanted.opened_from),
            "opened_before": _iso(wanted.opened_before),
            "updated_since": _iso(wanted.updated_since),
            "order_id": wanted.order_id,
            "customer_id": wanted.customer_id,
            "sort": None if wanted.sort is Sort.NEWEST else wanted.sort,
            "limit": limit,
            "cursor": after.decode() if after else None,
        }
        given = {name: value for name, value in params.items() if value is not None}
        answer = (await self.ask("GET", "/v1/returns", params=given)).json()
        cursor = answer["next_cursor"]
        return Page([Listed.model_validate(row) for row in answer["returns"]], cursor.encode() if cursor else None)

    async def label(self, return_id: str) -> tuple[str, bytes]:
        """The label's media type and content: a PDF, or the drop-off code as PNG."""
        answer = await self._handover_options(return_id, "label")
        return answer.headers["Content-Type"], answer.content

    async def pickup_slots(self, return_id: str) -> Pickup:
        """When the carrier can come, and when it will."""
        return Pickup.model_validate_json((await self._handover_options(return_id, "pickup-slots")).content)

    async def drop_off_points(self, return_id: str) -> DropOff:
        """Where the parcel can be left."""
        return DropOff.model_validate_json((await self._handover_options(return_id, "drop-off-points")).content)

    async def quote(self, body: BaseModel | Mapping[str, Any]) -> Quote:
        """What a request would give; its items may carry a ``grade``, and ``policy`` overrides of money rules."""
        return Quote.model_validate_json((await self.ask("POST", "/v1/quotes", body)).content)

    async def _handover_options(self, return_id: str, what: str) -> httpx.Response:
        return await self.ask("GET", f"{_about(return_id)}/{what}", unknown=UnknownReturn(return_id))

    async def _update(
        self, return_id: str, name: str, message: BaseModel, request_id: str = "", *, update_id: str = ""
    ) -> Summary:
        del update_id  # the API makes it of the message
        path, key = f"{_about(return_id)}/{_CALLS.get(name, name)}", request_id or uuid4().hex
        answer = await self.ask("POST", path, message, key=key, unknown=UnknownReturn(return_id))
        return Summary.model_validate_json(answer.content)

    async def ask(
        self,
        method: str,
        path: str,
        body: BaseModel | Mapping[str, Any] | None = None,
        *,
        key: str | None = None,
        params: Mapping[str, Any] | None = None,
        unknown: HomewardError | None = None,
    ) -> httpx.Response:
        """Call, again while the other side cannot answer now; raises what it says, ``unknown`` for a 404."""
        if isinstance(body, BaseModel):
            body = body.model_dump(mode="json", exclude_unset=True, exclude_none=True)
        request = self._http.build_request(
            method, path, json=body, params=params, headers={"Idempotency-Key": key} if key else None
        )
        until = time.monotonic() + self._patience
        while True:
            wait = _WAIT
            failure: HomewardError = Unreachable("the API does not answer; it is safe to try again")
            try:
                async with asyncio.timeout(_ONE_TRY):
                    answer = await self._http.send(request)
            except (httpx.TransportError, TimeoutError):
                pass
            else:
                if answer.is_success:
                    return answer
                failure = _error(answer, unknown)
                if answer.status_code not in _NOT_NOW:
                    raise failure
                wait = _retry_after(answer)
            if time.monotonic() + wait > until:
                raise failure
            await asyncio.sleep(wait)


class HttpRepairs(RepairCalls):
    """See ``RepairCalls``."""

    def __init__(self, homeward: HttpHomeward) -> None:
        self._homeward = homeward

    async def _update(
        self, return_id: str, unit_id: str, name: str, message: BaseModel, request_id: str = "", *, update_id: str = ""
    ) -> RepairSummary:
        del update_id  # the API makes it of the message
        path = f"{_about(return_id)}/repairs/{quote(unit_id, safe='')}/{_CALLS[name]}"
        key, unknown = request_id or uuid4().hex, UnknownRepair(return_id, unit_id)
        answer = await self._homeward.ask("POST", path, message, key=key, unknown=unknown)
        return RepairSummary.model_validate_json(answer.content)


def _iso(at: datetime | None) -> str | None:
    return at.isoformat() if at else None


def _about(return_id: str) -> str:
    return f"/v1/returns/{quote(return_id, safe='')}"


def _error(answer: httpx.Response, unknown: HomewardError | None) -> HomewardError:
    """What the problem is, as the error that the other client raises for it."""
    problem, status = _problem(answer), answer.status_code
    kind, detail = problem["type"].rpartition("#")[2], problem["detail"]
    if status in (401, 403):
        return NotAuthorised(detail)
    if status == 404:
        return unknown or HomewardError(detail)
    if status == 409:
        return _REFUSED.get(kind, NotAllowed)(detail)
    if status in _NOT_NOW or status >= 500:
        return {"out-of-reach": OutOfReach, "no-answer": NoAnswer}.get(kind, lambda: Unreachable(detail))()
    wrong = problem.get("errors") or [{"field": "body", "message": detail}]
    return InvalidInput([(item["field"], item["message"]) for item in wrong])


def _problem(answer: httpx.Response) -> dict[str, Any]:
    """The problem's members; of whatever stands between, which has none, its status."""
    unnamed = {"type": "about:blank", "detail": f"the API answered {answer.status_code} {answer.reason_phrase}"}
    if not answer.headers.get("Content-Type", "").startswith("application/problem+json"):
        return unnamed
    told: dict[str, Any] = answer.json()
    return unnamed | told


def _retry_after(answer: httpx.Response) -> float:
    given = answer.headers.get("Retry-After", "")
    return float(given) if given.isdigit() else _WAIT
