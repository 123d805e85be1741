"""Serves the Nexus service ``ReturnsService``: the same calls as the API's, for workflows of another namespace."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Final, NoReturn, TypeVar

from nexusrpc import HandlerError, HandlerErrorType, OperationError, OperationErrorState
from nexusrpc.handler import StartOperationContext, service_handler, sync_operation
from pydantic import BaseModel
from temporalio.exceptions import ApplicationError
from temporalio.nexus import (
    TemporalNexusClient,
    TemporalOperationResult,
    TemporalStartOperationContext,
    temporal_operation,
)

from client.errors import HomewardError, InvalidInput, UnknownReturn, Unreachable
from client.names import RETURNS_QUEUE, SETTLEMENT, settlement_id
from client.nexus import ApproveReturn, CancelReturn, OneReturn, Raw, ReturnsService
from client.returns import Homeward
from lifecycle.contract.boundary import read
from lifecycle.contract.errors import InvalidRequest
from lifecycle.contract.messages import Approve, Cancel
from lifecycle.contract.request import parse_request
from lifecycle.returns.views.return_view import summary_of_view
from lifecycle.returns.views.status import UNSETTLED

Model = TypeVar("Model", bound=BaseModel)
#: Nexus gives an operation ten seconds to be done, or to begin; it is tried again then.
PATIENCE: Final = timedelta(seconds=8)


@service_handler(service=ReturnsService)
class ReturnsHandler:
    """A repeat of an operation, which Nexus makes by itself, has the same request id, and changes nothing."""

    def __init__(self, homeward: Homeward) -> None:
        self._homeward = homeward

    @sync_operation
    async def start(self, ctx: StartOperationContext, raw: Raw) -> Raw:
        """Start a return; the summary, once the policy has decided. Without a ``return_id`` it is the operation's."""
        with _failing():
            request = parse_request(raw, now=datetime.now(UTC), forbid_unknown=True)
            named = request.model_copy(update={"return_id": request.return_id or f"R-{ctx.request_id}"})
            return _json((await self._homeward.start(named)).summary)

    @sync_operation
    async def view(self, _ctx: StartOperationContext, raw: Raw) -> Raw:
        """All there is to see of a return, closed ones too."""
        with _failing():
            return _json(await self._homeward.view(read(OneReturn, raw).return_id))

    @sync_operation
    async def approve(self, ctx: StartOperationContext, raw: Raw) -> Raw:
        """Let a reviewed return go on."""
        with _failing():
            asked = read(ApproveReturn, raw)
            return _json(await self._homeward.approve(asked.return_id, _of(Approve, asked), ctx.request_id))

    @sync_operation
    async def cancel(self, ctx: StartOperationContext, raw: Raw) -> Raw:
        """Call a return off, until the handover or the first money."""
        with _failing():
            asked = read(CancelReturn, raw)
            return _json(await self._homeward.cancel(asked.return_id, _of(Cancel, asked), ctx.request_id))

    @temporal_operation
    async def settlement(
        self, ctx: TemporalStartOperationContext, client: TemporalNexusClient, raw: Raw
    ) -> TemporalOperationResult[Raw]:
        """The summary, once the customer has what is owed, or nothing is owed any more."""
        with _failing():
            return_id = read(OneReturn, raw).return_id
            if summary := await self._settled(return_id):
                return TemporalOperationResult.sync(summary)
            return await client.start_workflow(
                SETTLEMENT, return_id, id=settlement_id(return_id, ctx.request_id), task_queue=RETURNS_QUEUE
            )

    async def _settled(self, return_id: str) -> Raw | None:
        """The summary of a return whose customer awaits nothing more; None while they do."""
        summary = summary_of_view(await self._homeward.view(return_id))
        return None if summary.status in UNSETTLED else _json(summary)


def _json(answer: BaseModel) -> Raw:
    return answer.model_dump(mode="json")


def _of(model: type[Model], asked: BaseModel) -> Model:
    """The message without the return that it is for."""
    return model.model_validate(asked.model_dump(include=set(model.model_fields)))


@contextmanager
def _failing() -> Iterator[None]:
    """Say what the caller did wrong as the cause of a failed operation; what may work later is tried again."""
    try:
        yield
    except (InvalidRequest, InvalidInput) as error:
        _fail("InvalidRequest", "; ".join(f"{field}: {text}" for field, text in error.problems))
    except UnknownReturn as error:
        _fail("UnknownReturn", str(error))
    except Unreachable as error:
        raise HandlerError(str(error), type=HandlerErrorType.UNAVAILABLE) from None
    except HomewardError as error:
        _fail("Refused", str(error))


def _fail(kind: str, text: str) -> NoReturn:
    raise OperationError(text, state=OperationErrorState.FAILED) from ApplicationError(
        text, type=kind, non_retryable=True
    )
