"""The Python client repeats what is safe, names what is wrong, and drives returns on the running engine."""

import asyncio
import json
import re
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from standardwebhooks import Webhook

from homeward_client import AsyncHomeward, Homeward, NotVerified, errors, webhooks
from homeward_client.answers import Page, ReturnEvent
from homeward_client.choices import Status
from starter.local.up import Ready
from tests.workflows.returns.play import make_body

README = (Path(__file__).resolve().parents[2] / "clients" / "python" / "README.md").read_text()
EXAMPLES = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
SUMMARY = {
    "return_id": "R-1", "order_id": "SO-1", "status": "requested", "amount": 1, "currency": "USD",
    "resolve_by": None, "escalated": False, "attention": None,
}  # fmt: skip
SECRETS = ("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLwMfKQ9r8GKYqrTw", "whsec_" + "QUJD" * 8)


def problem(status: int, kind: str, retry_after: str = "0", **more: Any) -> httpx.Response:
    told = {"type": f"/docs#{kind}", "title": kind, "status": status, "detail": f"it is {kind}", **more}
    headers = {"Content-Type": "application/problem+json", "Retry-After": retry_after, "X-Request-Id": "req-7"}
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

    def client(self, patience: float = 20) -> Homeward:
        return Homeward("http://api", "the-key", patience=patience, transport=httpx.MockTransport(self))


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """How long it would have waited; it does not."""
    slept: list[float] = []
    monkeypatch.setattr(time, "sleep", slept.append)
    return slept


def test_a_lost_answer_is_asked_for_again_under_the_same_key(pauses: list[float]) -> None:
    api = Sequence(httpx.ReadTimeout("lost"), problem(503, "no-answer"), httpx.Response(201, json=SUMMARY))
    summary = api.client().start_return(order={"order_id": "SO-1"}, items=[])
    assert (summary.status, summary.amount) == (Status.REQUESTED, 1)
    assert len({asked.headers["Idempotency-Key"] for asked in api.asked}) == 1
    assert [asked.headers["Authorization"] for asked in api.asked] == ["Bearer the-key"] * 3
    assert 0 < pauses[0] < pauses[1] * 2


def test_it_waits_as_long_as_it_is_told_and_no_longer_than_it_may(pauses: list[float]) -> None:
    api = Sequence(problem(429, "too-many-calls", "7"), httpx.Response(200, json=SUMMARY))
    api.client().approve_return("R-1", idempotency_key="mine", by="x")
    assert 7 < pauses[0] < 8
    with pytest.raises(errors.TooManyCalls):
        Sequence(problem(429, "too-many-calls", "60")).client().approve_return("R-1", by="x")
    assert [asked.headers["Idempotency-Key"] for asked in api.asked] == ["mine", "mine"]


@pytest.mark.parametrize(
    ("outcome", "tries"),
    [
        (httpx.ReadTimeout("lost"), 1),
        (problem(503, "no-answer"), 1),
        (httpx.ConnectError("nobody there"), 2),
        (problem(503, "out-of-reach"), 2),
        (problem(429, "too-many-calls"), 2),
    ],
    ids=["lost", "no answer", "never sent", "never done", "not let in"],
)
def test_a_secret_is_rotated_again_only_if_it_was_not(
    outcome: httpx.Response | Exception, tries: int, pauses: list[float]
) -> None:
    api = Sequence(outcome, problem(404, "not-found"))
    with pytest.raises(errors.HomewardError):
        api.client().rotate_secret("sub-1")
    assert (len(api.asked), len(pauses)) == (tries, tries - 1)


@pytest.mark.parametrize(
    ("answer", "error", "kind"),
    [
        (problem(401, "no-key"), errors.NotAuthenticated, "no-key"),
        (problem(403, "wrong-scope"), errors.NotAuthorised, "wrong-scope"),
        (problem(404, "not-found"), errors.NotFound, "not-found"),
        (problem(409, "closed"), errors.Conflict, "closed"),
        (problem(500, "failed"), errors.Unavailable, "failed"),
        (httpx.Response(413, text="<html>", request=httpx.Request("GET", "http://api")), errors.Invalid, "about:blank"),
    ],
    ids=["no key", "scope", "unknown", "state", "failed", "a proxy"],
)
def test_a_problem_is_an_error_of_its_kind(answer: httpx.Response, error: type[Exception], kind: str) -> None:
    with pytest.raises(errors.ProblemError) as caught:
        Sequence(answer).client().cancel_return("R-1", by="x")
    assert (type(caught.value), caught.value.kind) == (error, kind)


def test_wrong_fields_are_named_with_the_request_that_the_log_knows() -> None:
    wrong = [{"field": "order.currency", "code": "format", "message": "an ISO 4217 code", "of_tomorrow": 1}]
    with pytest.raises(errors.Invalid, match=r"order\.currency: an ISO 4217 code") as caught:
        Sequence(problem(422, "invalid", errors=wrong)).client().start_return(order={"order_id": "?"}, items=[])
    assert [(one.field, one.message) for one in caught.value.errors] == [("order.currency", "an ISO 4217 code")]
    assert caught.value.request_id == "req-7"


def test_what_a_newer_api_adds_is_read_as_it_is() -> None:
    answer = SUMMARY | {"status": "teleported", "of_tomorrow": [1]}
    summary = Sequence(httpx.Response(200, json=answer)).client().decline_return("R-1", by="x", reason="worn")
    assert (summary.status, summary.model_extra) == ("teleported", {"of_tomorrow": [1]})


def test_ids_and_filters_stay_what_they_are() -> None:
    page = Page(returns=[], next_cursor=None).model_dump(mode="json")
    api = Sequence(problem(404, "not-found"), httpx.Response(200, json=page))
    client = api.client()
    with pytest.raises(errors.NotFound):
        client.answer_estimate("R/1 ?", "a/b-1", by="x", accepted=True)
    client.list_returns(due_before=datetime(2026, 11, 20, tzinfo=UTC), escalated=False)
    assert api.asked[0].url.raw_path == b"/v1/returns/R%2F1%20%3F/repairs/a%2Fb-1/estimate"
    assert dict(api.asked[1].url.params) == {"due_before": "2026-11-20T00:00:00+00:00", "escalated": "false"}


@pytest.fixture(params=SECRETS)
def signed(request: pytest.FixtureRequest) -> Callable[[str], tuple[str, dict[str, str]]]:
    """A body with what a sender who has that secret puts before it."""

    def sign(body: str, at: int | None = None) -> tuple[str, dict[str, str]]:
        sent = at or int(time.time())
        signature = Webhook(request.param).sign("R-1:4", datetime.fromtimestamp(sent, UTC), body)
        return body, {"Webhook-Id": "R-1:4", "webhook-timestamp": str(sent), "webhook-signature": f"v2,x {signature}"}

    return sign


EVENT = json.dumps(
    {
        "specversion": "1.0", "id": "R-1:4", "source": "/homeward/returns", "type": "homeward.return.received",
        "subject": "R-1", "time": "2026-11-24T15:00:00Z", "datacontenttype": "application/json",
        "dataschema": "https://returns.example/schemas/homeward.return.received.json",
        "data": {"number": 4, "entry": {"at": "2026-11-24T15:00:00Z", "event": "received", "by": "warehouse"},
                 "summary": SUMMARY, "resolution": "refund"},
    }
)  # fmt: skip


def test_a_webhook_is_taken_only_as_it_was_signed(signed: Callable[..., tuple[str, dict[str, str]]]) -> None:
    body, headers = signed(EVENT)
    event = webhooks.verify(body.encode(), headers, SECRETS)
    assert isinstance(event, ReturnEvent)
    assert (event.type, event.subject, event.data.summary.amount) == ("homeward.return.received", "R-1", 1)
    for changed, told, secret in (
        (body.replace("R-1", "R-2"), headers, SECRETS),
        (body, headers | {"webhook-timestamp": str(int(time.time()) - 1)}, SECRETS),
        (body, {name: value for name, value in headers.items() if name != "Webhook-Id"}, SECRETS),
        (body, headers, "whsec_" + "eHl6" * 8),
        (*signed(EVENT, int(time.time()) - 301), SECRETS),
        (*signed('{"signed": "and none"}'), SECRETS),
    ):
        with pytest.raises(NotVerified):
            webhooks.verify(changed, told, secret)


def test_an_event_that_it_does_not_know_is_taken_too(signed: Callable[..., tuple[str, dict[str, str]]]) -> None:
    """As it is sent to try a subscription, and as a newer Homeward may."""
    told: dict[str, Any] = {
        "specversion": "1.0",
        "id": "test:1",
        "source": "/homeward/returns",
        "type": "homeward.test",
    }
    told |= {"time": "2026-11-24T15:00:00Z", "datacontenttype": "application/json", "data": {"subscription_id": "s"}}
    event = webhooks.verify(*signed(json.dumps(told)), SECRETS)
    assert (event.type, event.data) == ("homeward.test", {"subscription_id": "s"})


def typed(example: str) -> None:
    exec(compile(example, "README.md", "exec"), {"__name__": "example"})  # noqa: S102 # what the page shows


async def test_every_example_of_the_readme_works_as_it_stands(
    ready: Ready, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("HOMEWARD_URL", ready.api)
    said = []
    for example in EXAMPLES:
        await asyncio.to_thread(typed, example.replace("http://127.0.0.1:8000", ready.api))
        said.append(capsys.readouterr().out)
    assert re.search(r" 4000 USD\n.*refunded 4000 \['requested', .*'refunded'", said[0], re.DOTALL), said[0]
    assert "there is no return R-nobody" in said[2]


async def test_the_asynchronous_client_goes_through_pages_and_waits(ready: Ready) -> None:
    body = make_body()
    async with AsyncHomeward(ready.api) as homeward:
        first = await homeward.start_return(**body)
        assert (await homeward.start_return(**body)).return_id == first.return_id
        seen = [row.return_id async for row in homeward.iter_returns(limit=1, q=body["order"]["order_id"])]
        with pytest.raises(errors.NotSettledInTime, match=r"label_sent after 0 s|requested after 0 s"):
            await homeward.wait_until_settled(first.return_id, within=0)
        await homeward.cancel_return(first.return_id, by="support", reason="changed my mind")
        view = await homeward.wait_until_settled(first.return_id, within=30)
        quote = await homeward.quote_return(order=body["order"], items=body["items"])
        assert (await homeward.check_readiness()).temporal
    assert (view.status, quote.amount) == (Status.CANCELLED, 4000)
    assert seen == [first.return_id]
