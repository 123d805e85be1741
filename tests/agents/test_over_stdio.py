"""An agent's program drives returns by the protocol's own client, over stdio and the running API."""

import asyncio
import json
import re
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from mcp.client.client import Client
from mcp.client.stdio import StdioServerParameters, stdio_client

from client.http import HttpHomeward
from gateways.database.stock.inventory import add_stock
from gateways.orders.database import keep_orders
from gateways.orders.protocol import read_order
from lifecycle.contract.grades import Grade
from lifecycle.contract.statuses import Status
from lifecycle.repairs.messages import Diagnosis, DiagnosisOutcome
from starter.agents.server import server_of
from starter.demo.story import Stage
from starter.local.up import Ready
from tests.workflows.returns.play import LOOKS, Play, make_body

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "agents.md").read_text()
TOOLS = set(re.findall(r"^\| `(\w+)` \|", PAGE, re.MULTILINE))
STAFFS = set(re.findall(r"^\| `(\w+)` \|.*with `--staff`", PAGE, re.MULTILINE))


async def answered(agent: Client, tool: str, **given: Any) -> Any:
    """What a tool answers; a refusal is raised with its reason."""
    found = await agent.call_tool(tool, given)
    if found.is_error:
        raise RuntimeError(found.content[0].text)  # type: ignore[union-attr]
    told = found.structured_content or {}
    return told.get("result", told)


@pytest.fixture
def agent(ready: Ready, tmp_path: Path) -> Callable[..., AbstractAsyncContextManager[Client]]:
    """`homeward mcp` as a program of its own, and the protocol's client beside it; its log goes to a file."""

    @asynccontextmanager
    async def begin(*options: str) -> AsyncIterator[Client]:
        command = ["-c", "from starter.cli.main import main; main()", "mcp", *options]
        root = str(Path(__file__).resolve().parents[2])
        params = StdioServerParameters(
            command=sys.executable, args=command, cwd=root, env={"HOMEWARD_AGENT_URL": ready.api}
        )
        with (tmp_path / "log").open("w") as log:
            async with Client(stdio_client(params, errlog=log)) as client:
                yield client

    return begin


async def test_an_agent_quotes_starts_follows_and_has_staff_decide(
    agent: Callable[..., AbstractAsyncContextManager[Client]], stage: Stage, tmp_path: Path
) -> None:
    order = make_body(lines=[{"line_id": "1", "sku": "TV", "title": "Television", "quantity": 2, "unit_price": 60000}])
    await keep_orders(stage.db, [read_order(order["order"], datetime.now(UTC))])
    wanted = {"order_id": order["order"]["order_id"], "items": order["items"]}
    async with agent("--staff") as client:
        tools = {tool.name: tool for tool in (await client.list_tools()).tools}
        assert set(tools) == TOOLS
        changing = {name for name, tool in tools.items() if tool.annotations and not tool.annotations.read_only_hint}
        assert changing == {"start_return", "carry_out"}
        quoted = await answered(client, "quote_return", **wanted)
        assert quoted["quote"]["amount"] == 60000
        started = [
            await answered(client, "start_return", confirm=quoted["confirm"], asked_by="customer") for _ in range(2)
        ]
        assert [answer["status"] for answer in started] == ["in_review", "in_review"]
        return_id = started[0]["return_id"]
        proposed = await answered(client, "propose_approval", return_id=return_id, note="a good customer")
        assert (proposed["now"]["status"], proposed["will"]["act"]) == ("in_review", "approve")
        assert (await stage.homeward.view(return_id)).status is Status.IN_REVIEW
        late = await answered(client, "propose_decline", return_id=return_id, reason="worn")
        for _ in range(2):
            await answered(client, "carry_out", confirm=proposed["confirm"], asked_by="alex")
        followed = await answered(client, "follow_return", return_id=return_id, known_status="requested", seconds=20)
        assert followed["status"] == "label_sent"
        await _refuses_with_a_reason(client, return_id, proposed["confirm"])
        with pytest.raises(RuntimeError, match="refused: the return is not in review"):
            await answered(client, "carry_out", confirm=late["confirm"], asked_by="alex")
        await _is_not_proposed(client, return_id)
        cancel = await answered(client, "propose_cancel", return_id=return_id)
        for _ in range(2):
            await answered(client, "carry_out", confirm=cancel["confirm"], asked_by="customer")
        with pytest.raises(RuntimeError, match="refused: the return is c"):
            await answered(client, "propose_cancel", return_id=return_id)
        seen = await answered(client, "look_up_return", return_id=return_id)
    _stands_there(seen, (tmp_path / "log").read_text())


def _stands_there(seen: Any, log: str) -> None:
    """Who asked for what, on the timeline and in the log."""
    assert seen["status"] == "cancelled"
    assert [entry["by"] for entry in seen["timeline"] if entry["event"] == "approved"] == ["alex by agent"]
    assert [line.count('"asked_by": "alex"') for line in log.splitlines() if '"act": "decline"' in line] == [1]


async def _is_not_proposed(client: Client, return_id: str) -> None:
    """What the label's return would refuse."""
    for tool, given, reason in (
        ("propose_approval", {}, "refused: the return is not in review, it is label_sent"),
        ("propose_decline", {"reason": "worn"}, "refused: the return is not in review, it is label_sent"),
        ("propose_charge_answer", {"accepted": True}, "refused: nothing is asked"),
        ("propose_estimate_answer", {"unit_id": "1-1", "accepted": True}, "refused: 1-1 is not repaired"),
        ("propose_estimate_answer", {"unit_id": "9-1", "accepted": True}, "refused: unit_id: the return has no unit"),
        ("propose_resolution", {"action": "retry", "why": "again"}, "refused: no step waits for an operator"),
    ):
        with pytest.raises(RuntimeError, match=reason):
            await answered(client, tool, return_id=return_id, **given)


async def test_staff_answer_by_an_agent_what_a_return_asks(
    agent: Callable[..., AbstractAsyncContextManager[Client]],
    ready: Ready,
    stage: Stage,
    play: Callable[..., Play],
    tmp_path: Path,
) -> None:
    """A charge, an estimate and a step that has failed, each said twice and done once."""
    dear = play(resolution="exchange", exchange_for=[{"sku": "?", "quantity": 1, "unit_price": 4000}])
    wanted = [item.model_copy(update={"sku": dear.return_id}) for item in dear.request.exchange_for or []]
    dear.request = dear.request.model_copy(update={"exchange_for": wanted})
    broken = play(resolution="repair", items=[{"line_id": "1", "quantity": 1, "reason": "other"}])
    refused = play(tender=f"pi_{uuid4().hex} fault:refused")
    await add_stock(stage.db, dear.return_id, 1)
    await asyncio.gather(_graded(dear, Grade.C), _on_the_bench(broken, ready), _graded(refused, Grade.A))
    await asyncio.gather(
        *(story.until_event(event) for story, event in ((dear, "charge_asked"), (refused, "attention")))
    )
    acts: dict[Play, tuple[str, dict[str, Any], str | None]] = {
        dear: ("propose_charge_answer", {"accepted": False, "instead": "refund"}, "charge_refused"),
        broken: ("propose_estimate_answer", {"unit_id": "1-1", "accepted": True}, None),
        refused: (
            "propose_resolution",
            {"action": "mark_done", "reference": "t 12", "why": "by hand"},
            "attention_resolved",
        ),
    }
    async with agent("--staff") as client:
        for story, (tool, given, event) in acts.items():
            proposed = await answered(client, tool, return_id=story.return_id, **given)
            for _ in range(2):
                await answered(client, "carry_out", confirm=proposed["confirm"], asked_by="alex")
            if event:
                told = [entry.by for entry in (await story.view()).timeline if entry.event == event]
                assert told == ["alex by agent"]
        with pytest.raises(RuntimeError, match=r"refused: the (settlement|return)"):
            await answered(client, "propose_cancel", return_id=dear.return_id)
    log = [json.loads(line) for line in (tmp_path / "log").read_text().splitlines() if '"agent_acted"' in line]
    assert [(line["act"], line["asked_by"], line["outcome"]) for line in log] == [
        (act, "alex", "done") for act in ("answer_charge", "answer_estimate", "resolve_attention") for _ in range(2)
    ]


async def _graded(story: Play, grade: Grade) -> None:
    await story.start()
    await story.receive()
    await story.inspect(grade)


async def _on_the_bench(story: Play, ready: Ready) -> None:
    await story.start()
    await story.receive()
    diagnosis = Diagnosis(diagnosis_id="D-1", by="bench", outcome=DiagnosisOutcome.REPAIRABLE, estimate=2500)
    async with HttpHomeward(ready.api) as homeward:
        await homeward.repairs.diagnose(story.return_id, "1-1", diagnosis)
    for _ in range(LOOKS):
        if ((await story.view()).units[0].repair or {}).get("state") == "awaiting_customer":
            return
        await asyncio.sleep(0.1)
    raise AssertionError("no estimate")


async def _refuses_with_a_reason(client: Client, return_id: str, approval: str) -> None:
    for tool, given, reason in (
        ("look_up_return", {"return_id": "R-nobody"}, "unknown: there is no return R-nobody"),
        ("quote_return", {"order_id": "", "items": []}, "invalid: order_id: "),
        ("propose_decline", {"return_id": return_id, "reason": "\x1b"}, "invalid: reason: expected text"),
        ("carry_out", {"confirm": "made up", "asked_by": "alex"}, "refused: this was not proposed here"),
        ("carry_out", {"confirm": approval, "asked_by": "Alex, who is new"}, "asked_by"),
        ("start_return", {"confirm": approval, "asked_by": "alex"}, "refused: this was proposed as approve"),
    ):
        with pytest.raises(RuntimeError, match=reason):
            await answered(client, tool, **given)


async def test_an_agent_of_customers_is_offered_nothing_of_the_staffs() -> None:
    async with HttpHomeward("http://127.0.0.1") as homeward:
        offered = await server_of(homeward, None, staff=False).list_tools()
    assert {tool.name for tool in offered} == TOOLS - STAFFS
