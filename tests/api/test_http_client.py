"""The typed client waits where it is told to, repeats what is safe, and raises what the other one raises."""

import json
import subprocess
import sys
from datetime import timedelta
from typing import Any

import httpx
import pytest

from client.errors import (
    HomewardError,
    InvalidInput,
    NoAnswer,
    NotAllowed,
    NotAuthorised,
    OtherRequest,
    OutOfReach,
    UnknownRepair,
    UnknownReturn,
    Unreachable,
)
from client.http import HttpHomeward
from lifecycle.contract.messages import Approve, Cancel
from lifecycle.repairs.messages import EstimateAnswer
from tests.workflows.returns.play import make_request

SUMMARY = {
    "return_id": "R-1", "order_id": "SO-1", "status": "requested", "amount": 1, "currency": "USD",
    "resolve_by": None, "escalated": False, "attention": None,
}  # fmt: skip


def problem(status: int, kind: str, retry_after: str = "0", **more: Any) -> httpx.Response:
    told = {"type": f"/docs#{kind}", "title": kind, "status": status, "detail": f"it is {kind}", **more}
    headers = {"Content-Type": "application/problem+json", "Retry-After": retry_after}
    return httpx.Response(status, content=json.dumps(told), headers=headers)


class Sequence:
    """Answers one after another, and remembers what it was asked."""

    def __init__(self, *answers: httpx.Response | Exception) -> None:
        self.answers = list(answers)
        self.asked: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def client(self, patience: float = 20) -> HttpHomeward:
        transport = httpx.MockTransport(self)
        return HttpHomeward("http://api", "key-of-the-tests", timedelta(seconds=patience), transport)


async def test_a_start_is_repeated_with_the_id_that_it_made_up() -> None:
    api = Sequence(problem(503, "no-answer"), problem(429, "too-many-calls"), httpx.Response(200, json=SUMMARY))
    request = make_request().model_copy(update={"return_id": None})
    assert not (await api.client().start(request)).created
    ids = {json.loads(asked.content)["return_id"] for asked in api.asked}
    assert len(api.asked) == 3
    assert len(ids) == 1
    assert api.asked[0].headers["Authorization"] == "Bearer key-of-the-tests"


async def test_an_action_is_repeated_with_the_same_key() -> None:
    api = Sequence(problem(503, "no-answer"), httpx.Response(200, json=SUMMARY), httpx.Response(200, json=SUMMARY))
    client = api.client()
    await client.approve("R-1", Approve(by="x"))
    await client.approve("R-1", Approve(by="x"), request_id="mine")
    keys = [asked.headers["Idempotency-Key"] for asked in api.asked]
    assert keys[0] == keys[1] != keys[2] == "mine"


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (problem(503, "no-answer", "60"), NoAnswer),
        (problem(503, "out-of-reach", "60"), OutOfReach),
        (problem(503, "unavailable", "60"), Unreachable),
        (problem(429, "too-many-calls", "60"), Unreachable),
        (problem(500, "failed"), Unreachable),
        (httpx.Response(502, text="<html>"), Unreachable),
        (problem(401, "no-key"), NotAuthorised),
        (problem(403, "wrong-scope"), NotAuthorised),
        (problem(404, "not-found"), UnknownReturn),
        (problem(409, "not-allowed"), NotAllowed),
        (problem(409, "other-request"), OtherRequest),
        (problem(413, "too-large"), InvalidInput),
        (problem(422, "key-reused"), InvalidInput),
    ],
    ids=[
        *("no answer", "out of reach", "unavailable", "too many", "failed", "a gateway", "no key", "scope", "unknown"),
        *("state", "another's", "large", "key"),
    ],
)
async def test_a_problem_is_raised_as_the_other_client_raises_it(
    answer: httpx.Response, error: type[HomewardError]
) -> None:
    with pytest.raises(HomewardError) as caught:
        await Sequence(answer).client().cancel("R-1", Cancel(by="x"))
    assert type(caught.value) is error


async def test_wrong_fields_are_named() -> None:
    api = Sequence(problem(422, "invalid", errors=[{"field": "order.currency", "message": "an ISO 4217 code"}]))
    with pytest.raises(InvalidInput) as caught:
        await api.client().start(make_request())
    assert caught.value.problems == [("order.currency", "an ISO 4217 code")]


async def test_nobody_there_is_unreachable() -> None:
    with pytest.raises(Unreachable):
        await Sequence(httpx.ConnectError("no")).client(patience=0).view("R-1")


async def test_ids_of_any_kind_stay_one_part_of_the_address() -> None:
    api = Sequence(problem(404, "not-found"), problem(404, "not-found"))
    with pytest.raises(UnknownReturn, match=r"R/1 \?"):
        await api.client().view("R/1 ?")
    with pytest.raises(UnknownRepair):
        await api.client().repairs.answer_estimate("R-1", "a/b-1", EstimateAnswer(by="x", accepted=True))
    assert [asked.url.raw_path for asked in api.asked] == [
        b"/v1/returns/R%2F1%20%3F",
        b"/v1/returns/R-1/repairs/a%2Fb-1/estimate",
    ]


def test_it_needs_nothing_of_temporal(pytestconfig: pytest.Config) -> None:
    program = "import sys, client.http; print('temporalio' in sys.modules, 'sqlalchemy' in sys.modules)"
    command = [sys.executable, "-c", program]
    ran = subprocess.run(command, capture_output=True, text=True, check=True, cwd=pytestconfig.rootpath)
    assert ran.stdout.split() == ["False", "False"]
