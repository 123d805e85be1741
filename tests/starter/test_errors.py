"""Temporal's errors, sorted into ours."""

import pytest
from temporalio.client import WorkflowUpdateFailedError, WorkflowUpdateRPCTimeoutOrCancelledError
from temporalio.exceptions import ApplicationError
from temporalio.service import RPCError, RPCStatusCode

from client.errors import HomewardError, InvalidInput, NotAllowed, UnknownReturn, Unreachable, client_errors

#: As a worker sends it for an update that does not fit.


def sort(error: BaseException) -> HomewardError:
    with pytest.raises(HomewardError) as caught, client_errors():
        raise error
    return caught.value


def test_a_bad_start_names_its_fields() -> None:
    text = "order.lines.0.unit_price: at least 0; order.currency: expected an ISO 4217 code such as USD"
    found = sort(WorkflowUpdateFailedError(ApplicationError(text, type="InvalidRequest")))
    assert isinstance(found, InvalidInput)
    assert [field for field, _ in found.problems] == ["order.lines.0.unit_price", "order.currency"]


def test_a_refusal_keeps_its_reason() -> None:
    found = sort(WorkflowUpdateFailedError(ApplicationError("the return is not in review", type="Refused")))
    assert isinstance(found, NotAllowed)
    assert str(found) == "the return is not in review"


@pytest.mark.parametrize(
    "error",
    [
        WorkflowUpdateRPCTimeoutOrCancelledError(),
        RPCError("too late", RPCStatusCode.DEADLINE_EXCEEDED, b""),
        RPCError("gone", RPCStatusCode.UNAVAILABLE, b""),
        RPCError("wedged", RPCStatusCode.FAILED_PRECONDITION, b""),
    ],
    ids=["update", "deadline", "unavailable", "wedged"],
)
def test_silence_is_unreachable(error: BaseException) -> None:
    assert isinstance(sort(error), Unreachable)


def test_what_is_too_big_is_wrong_input() -> None:
    assert isinstance(sort(RPCError("payload too large", RPCStatusCode.INVALID_ARGUMENT, b"")), InvalidInput)


def test_our_own_errors_pass() -> None:
    assert isinstance(sort(UnknownReturn("R-1")), UnknownReturn)
