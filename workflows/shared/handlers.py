"""What our workflows answer alike: invalid input, and refusals."""

from collections.abc import Iterator
from contextlib import contextmanager

from temporalio import workflow
from temporalio.exceptions import ApplicationError

with workflow.unsafe.imports_passed_through():
    from lifecycle.contract.errors import InvalidRequest, Refused


def invalid_request(error: InvalidRequest) -> ApplicationError:
    """The failure of a start, or of a message, that names what is wrong with it."""
    return ApplicationError(str(error), type="InvalidRequest", non_retryable=True)


@contextmanager
def invalid_as_application_error() -> Iterator[None]:
    """What is wrong with a message is the answer to whoever sent it, as a refusal is."""
    try:
        yield
    except InvalidRequest as error:
        raise invalid_request(error) from None


@contextmanager
def refused_as_application_error() -> Iterator[None]:
    """What the state refuses is the answer to whoever asked: any other exception would wedge the workflow."""
    try:
        yield
    except Refused as refusal:
        raise ApplicationError(str(refusal), type="Refused") from None
