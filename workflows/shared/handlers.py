"""What our workflows do alike: invalid input, refusals, and cancel requests from outside."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager

from temporalio import workflow
from temporalio.exceptions import ApplicationError

with workflow.unsafe.imports_passed_through():
    from pydantic import BaseModel

    from lifecycle.contract.boundary import judge
    from lifecycle.contract.errors import InvalidRequest, Refused


def invalid_request(error: InvalidRequest) -> ApplicationError:
    """The failure of a start, or of a message, that names what is wrong with it."""
    return ApplicationError(str(error), type="InvalidRequest", non_retryable=True)


def check_content(message: BaseModel | None) -> None:
    """Refuse, in an update's validator, a message whose texts hold what they may not, or none at all.

    Not in the handler, nor in the models: a replay takes what was accepted once.
    """
    if message is None:
        raise ApplicationError("body: expected an object, got null", type="InvalidRequest")
    judge(message)


@contextmanager
def refused_as_application_error() -> Iterator[None]:
    """What the state refuses is the answer to whoever asked: any other exception would wedge the workflow."""
    try:
        yield
    except Refused as refusal:
        raise ApplicationError(str(refusal), type="Refused") from None


async def wait_ignoring_cancellation(waiting: Awaitable[None], on_cancel: Callable[[], None]) -> None:
    """Wait to the end; a cancel request from outside calls ``on_cancel`` instead of ending the wait."""
    task = asyncio.ensure_future(waiting)
    while not task.done():
        try:
            await asyncio.shield(task)
        except asyncio.CancelledError:
            on_cancel()
    task.result()
