"""How workflows are spoken to: an update with the start or with an id of its own, what one shows, whether one is there.

An update is sent again where the server has taken none.
"""

import asyncio
import random
import time
from contextlib import suppress
from datetime import timedelta
from typing import Any, Final, TypeVar

from pydantic import BaseModel
from temporalio.client import (
    Client,
    WithStartWorkflowOperation,
    WorkflowExecutionDescription,
    WorkflowHandle,
    WorkflowQueryFailedError,
)
from temporalio.common import QueryRejectCondition
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError, RPCStatusCode

from client.errors import NotAllowed
from client.within import within

T = TypeVar("T", bound=BaseModel)
#: Seconds before an update is sent again: twice as many each time, up to the last.
_FIRST_WAIT: Final = 0.1
_LONGEST_WAIT: Final = 1.0


def without_nulls(message: BaseModel) -> dict[str, Any]:
    """A message as it is sent: each that a history keeps is shorter, and every reader knows what is left out."""
    return message.model_dump(mode="json", exclude_none=True)


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
    the server as FAILED_PRECONDITION and has done nothing: it is sent again, with the same id, as long as
    there is time. Where Temporal is away for a moment, the SDK does so by itself.
    """
    until, wait = time.monotonic() + patience.total_seconds(), _FIRST_WAIT
    while True:
        try:
            return await handle.execute_update(  # type: ignore[no-any-return]
                name, without_nulls(message), id=update_id, result_type=answer, rpc_timeout=patience
            )
        except RPCError as error:
            if error.status is not RPCStatusCode.FAILED_PRECONDITION or time.monotonic() + wait > until:
                raise
        await asyncio.sleep(wait * random.uniform(0.5, 1))  # noqa: S311 # nothing is kept secret by it
        wait = min(2 * wait, _LONGEST_WAIT)


class UnlessGone:
    """Go on behind the block where Temporal knows no workflow of that id, or none that still runs."""

    def __enter__(self) -> None:
        """Nothing is done before."""

    def __exit__(self, _: object, error: BaseException | None, __: object) -> bool:
        """Pass over that error alone."""
        return isinstance(error, RPCError) and error.status is RPCStatusCode.NOT_FOUND


async def view_of(
    handle: WorkflowHandle[Any, Any], kind: type[T], patience: timedelta, unless: QueryRejectCondition | None = None
) -> T | None:
    """What a workflow shows of itself; None where Temporal knows none of that id.

    Raises ``NotAllowed`` where it refuses to, and as the SDK does.
    """
    try:
        with UnlessGone():
            return kind.model_validate(await handle.query("view", reject_condition=unless, rpc_timeout=patience))
    except WorkflowQueryFailedError as error:
        raise NotAllowed(str(error)) from None
    return None


async def description_of(handle: WorkflowHandle[Any, Any], patience: timedelta) -> WorkflowExecutionDescription | None:
    """What Temporal says of a workflow; None when it keeps nothing of it. Raises as the SDK does."""
    with UnlessGone():
        return await handle.describe(rpc_timeout=patience)
    return None


async def start_and_ask(
    client: Client, start: WithStartWorkflowOperation[Any, Any], name: str, answer: type[T], patience: timedelta
) -> T | None:
    """Start a workflow unless it runs, and ask it; None when it runs no more.

    ``name`` is the update's, and its id as well: repeated, it answers as the first time. Raises
    ``OutOfReach``, ``NoAnswer``, and what the workflow refuses, as ``sorted_errors`` does.
    """
    async with within(client, patience):
        try:
            return await client.execute_update_with_start_workflow(  # type: ignore[no-any-return]
                name, start_workflow_operation=start, id=name, result_type=answer, rpc_timeout=patience
            )
        except WorkflowAlreadyStartedError:
            return None
        finally:
            # It holds the same error, which asyncio would print if nobody looked at it. Not longer than
            # that: it never comes where Temporal was out of reach from the beginning.
            with suppress(Exception):
                async with asyncio.timeout(0):
                    await start.workflow_handle()
