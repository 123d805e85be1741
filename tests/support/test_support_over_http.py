"""Questions and the FAQ over HTTP."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest

from gateways.database.support import faq
from starter.api.app import api
from starter.demo.story import Stage
from starter.local.up import Ready
from starter.shared.services import Services, services_of
from tests.support.cases import CasePlay, make_question
from tests.workflows.returns.play import make_body
from workers.settings import Settings

QUESTION = {
    "email": "customer@example.com",
    "subject": "My label",
    "text": "I have no printer. How do I print the label?",
}
KEYS = [
    {"key": "shop-front-door-key", "scopes": ["start", "read"]},
    {"key": "support-desk-key-1", "scopes": ["operate", "read"]},
]


@pytest.fixture(scope="session")
async def http(ready: Ready) -> AsyncIterator[httpx.AsyncClient]:
    """The API as `homeward up` serves it."""
    async with httpx.AsyncClient(base_url=ready.api, timeout=20) as client:
        yield client


@pytest.fixture
async def guarded(ready: Ready, stage: Stage) -> AsyncIterator[httpx.AsyncClient]:
    """The same with keys, in this process."""
    settings = Settings.model_validate({"data_dir": Path(), "database_url": ready.database, "api_keys": KEYS})
    services: Services = services_of(settings, stage.clock.client, stage.db)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(api(services)), base_url="http://homeward") as client:
        yield client


async def ask(http: httpx.AsyncClient, status: int = 201, key: str | None = None, **changes: Any) -> dict[str, Any]:
    headers = {"Idempotency-Key": key} if key else {}
    answer = await http.post("/v1/support-cases", json=QUESTION | changes, headers=headers)
    assert answer.status_code == status, answer.text
    body: dict[str, Any] = answer.json()
    return body


async def test_a_question_is_answered_at_once_with_what_the_faq_knows(http: httpx.AsyncClient) -> None:
    received = await ask(http)
    best = received["answers"][0]
    assert best["faq_id"] == "print-label"
    assert best["url"].endswith("/help/faq/print-label")
    assert best["text"].startswith("Your label is always")
    assert (received["status"], received["queue"]) == ("open", "support")
    assert received["answer_by"]
    shown = await http.get(f"/v1/support-cases/{received['case_id']}")
    assert shown.json()["messages"][0]["text"] == QUESTION["text"]
    assert "email" not in shown.json()


async def test_the_same_again_is_the_same_case(http: httpx.AsyncClient) -> None:
    case_id, key = make_question().case_id, uuid4().hex
    first = await ask(http, case_id=case_id)
    assert await ask(http, status=200, case_id=case_id) == first
    assert (await ask(http, status=409, case_id=case_id, text="Otherwise"))["type"] == "/docs#other-request"
    bodies = await asyncio.gather(
        *(http.post("/v1/support-cases", json=QUESTION, headers={"Idempotency-Key": key}) for _ in range(5))
    )
    assert len({answer.json()["case_id"] for answer in bodies}) == 1
    assert (await ask(http, status=422, key=key, text="Otherwise"))["type"] == "/docs#key-reused"


async def test_a_conversation_over_http(http: httpx.AsyncClient) -> None:
    case_id = (await ask(http))["case_id"]
    message = {"message_id": "M-1", "by": "alex", "text": "Choose drop-off"}
    for _ in range(2):
        answered = await http.post(f"/v1/support-cases/{case_id}/messages", json=message)
        assert (answered.status_code, answered.json()["status"]) == (200, "answered")
    closed = await http.post(f"/v1/support-cases/{case_id}/close", json={"by": "customer"})
    assert closed.json()["status"] == "closed"
    late = await http.post(f"/v1/support-cases/{case_id}/messages", json=message | {"message_id": "M-2"})
    assert (late.status_code, late.json()["type"]) == (409, "/docs#closed")
    shown = (await http.get(f"/v1/support-cases/{case_id}")).json()
    assert [said["by"] for said in shown["messages"]] == ["customer", "alex"]


async def test_a_case_becomes_a_return_over_http(http: httpx.AsyncClient) -> None:
    case_id = (await ask(http))["case_id"]
    refused = await http.post(f"/v1/support-cases/{case_id}/return", json={"by": "alex"})
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "order")
    body = make_body()
    request = {name: body[name] for name in ("order", "items")}
    became = await http.post(f"/v1/support-cases/{case_id}/return", json={"by": "alex", "request": request})
    return_id = became.json()["became_return"]
    assert (await http.get(f"/v1/returns/{return_id}")).json()["order_id"] == body["order"]["order_id"]


async def test_a_mail_that_names_its_case_goes_on_with_it(http: httpx.AsyncClient, stage: Stage) -> None:
    case = CasePlay(stage, make_question())
    await case.ask()
    await case.answer()
    subject = f"Re: Our answer to your question [{case.case_id}]"
    mail: dict[str, Any] = {"channel": "email", "subject": subject, "text": "And when?"}
    for _ in range(2):
        again = await ask(http, status=200, key=f"mail-{case.case_id}", **mail)
        assert (again["case_id"], again["status"]) == (case.case_id, "open")
    assert [said.text for said in (await case.view()).messages[2:]] == ["And when?"]
    stranger = await ask(http, **mail | {"email": "somebody.else@example.com"})
    assert stranger["case_id"] != case.case_id
    form = await ask(http, **mail | {"channel": "web"})
    assert form["case_id"] != case.case_id
    await case.close()
    await case.ended()
    later = await ask(http, **mail)
    assert (await http.get(f"/v1/support-cases/{later['case_id']}")).json()["follows"] == case.case_id


async def test_what_is_wrong_is_named_and_nothing_is_kept(http: httpx.AsyncClient) -> None:
    case_id = make_question().case_id
    for changes, field in (
        ({"email": "nobody"}, "email"), ({"text": ""}, "text"), ({"subject": "a\nb"}, "subject"),
        ({"queue": "other"}, "queue"), ({"mood": "good"}, "mood"), ({"case_id": "a b"}, "case_id"),
        ({"text": "x" * 20_001}, "text"),
    ):  # fmt: skip
        problem = await ask(http, status=422, **{"case_id": case_id} | changes)
        assert [error["field"] for error in problem["errors"]] == [field]
    unknown = await http.get(f"/v1/support-cases/{case_id}")
    assert (unknown.status_code, unknown.headers["content-type"]) == (404, "application/problem+json")
    message = {"message_id": "M-1", "by": "customer", "text": "Hello"}
    assert (await http.post(f"/v1/support-cases/{case_id}/messages", json=message)).status_code == 404
    assert (await http.post("/v1/support-cases", content=b"{")).status_code in (400, 415)


async def test_each_scope_opens_its_own(guarded: httpx.AsyncClient) -> None:
    front, desk = ({"Authorization": f"Bearer {known['key']}"} for known in KEYS)
    asked = await guarded.post("/v1/support-cases", json=QUESTION, headers=front)
    assert asked.status_code == 201
    messages = f"/v1/support-cases/{asked.json()['case_id']}/messages"
    customers = {"message_id": "M-1", "by": "customer", "text": "Hello"}
    ours = {"message_id": "M-2", "by": "alex", "text": "Hello"}
    assert (await guarded.post("/v1/support-cases", json=QUESTION, headers=desk)).status_code == 403
    assert (await guarded.post(messages, json=customers, headers=front)).status_code == 200
    assert (await guarded.post(messages, json=ours, headers=front)).status_code == 403
    assert (await guarded.post(messages, json=ours, headers=desk)).status_code == 200
    closing = {"by": "alex"}
    assert (await guarded.post(messages.replace("messages", "close"), json=closing, headers=front)).status_code == 403
    assert (await guarded.post(messages.replace("messages", "return"), json=closing, headers=front)).status_code == 403
    assert (await guarded.get("/v1/faq?q=label", headers=front)).status_code == 200
    assert (await guarded.get("/v1/faq?q=label")).status_code == 401


async def test_the_faq_is_searched_and_counted(http: httpx.AsyncClient, stage: Stage) -> None:
    before = await _shown(stage)
    found = (await http.get("/v1/faq", params={"q": "How long does my refnd take?", "limit": 3})).json()["answers"]
    assert (found[0]["faq_id"], len(found)) == ("when-refund", 3)
    assert await _shown(stage) == before + 1
    every = (await http.get("/v1/faq")).json()["answers"]
    assert len(every) >= 14
    assert (await http.get("/v1/faq", params={"limit": 0})).status_code == 422
    assert (await http.get("/v1/faq", params={"query": "x"})).status_code == 422


async def _shown(stage: Stage) -> int:
    counted = {row["faq_id"]: int(row["shown"]) for row in await faq.counts(stage.db)}
    return counted["when-refund"]
