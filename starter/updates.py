"""How an update is sent: with an id of its own, and again where the server has taken none."""

import asyncio
from datetime import timedelta
from typing import Any, Final, TypeVar

from pydantic import BaseModel
from temporalio.client import WorkflowHandle
from temporalio.service import RPCError, RPCStatusCode

T = TypeVar("T", bound=BaseModel)
_TRIES: Final = 5
_BETWEEN_TRIES: Final = 0.2


async def send_update(
    handle: WorkflowHandle[Any, Any],
    name: str,
    message: BaseModel,
    update_id: str,
    answer: type[T],
    patience: timedelta,
) -> T:
    """Send an update and give its answer; raises as the SDK does.

    One that meets a workflow task that fails, or a run that makes room for the next, is refused by
    the server as FAILED_PRECONDITION and has done nothing: it is sent again, with the same id.
    """
    for left in reversed(range(_TRIES)):
        try:
            return await handle.execute_update(  # type: ignore[no-any-return]
                name, message, id=update_id, result_type=answer, rpc_timeout=patience
            )
        except RPCError as error:
            if error.status is not RPCStatusCode.FAILED_PRECONDITION or not left:
                raise
        await asyncio.sleep(_BETWEEN_TRIES)
    raise AssertionError("the last try returns or raises")
