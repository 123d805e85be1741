"""`homeward promise`, `list --overdue`, `list --due-before` and `policy show`, asked of the real server."""

import asyncio
import json
from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from click.testing import CliRunner

from lifecycle.contract.messages import Override, ReceiptUnits
from lifecycle.contract.statuses import Status
from starter.cli.main import main
from starter.demo.story import Stage
from starter.local.up import Ready
from tests.workflows.returns.play import Play

Ask = Callable[..., Awaitable[Any]]
ONE = ReceiptUnits(line_id="1")
SERIAL = [{"line_id": "1", "sku": "PHONE", "quantity": 1, "unit_price": 9000, "serial_numbers": ["S-1"]}]
MARGIN = timedelta(minutes=2)
#: Long enough for an update on a busy machine.
SOON = timedelta(seconds=6)


@pytest.fixture
def ask(ready: Ready) -> Ask:
    """What a command prints as JSON, run against the tests' own server."""
    environment = {"TEMPORAL_ADDRESS": ready.temporal, "HOMEWARD_DATABASE_URL": ready.database}

    async def run(*arguments: str) -> Any:
        runner = CliRunner(env=environment)
        result = await asyncio.to_thread(runner.invoke, main, [*arguments, "--json"])
        assert result.exit_code == 0, result.output
        return json.loads(result.stdout)

    return run


async def received(story: Play, unit: ReceiptUnits = ONE) -> None:
    await story.start()
    await story.receipt(unit)


async def past(story: Play, deadline: str) -> None:
    at = getattr((await story.view()).deadlines, deadline)
    await story.days((at + MARGIN - await story.now()) / timedelta(days=1))


async def set_back(stage: Stage, story: Play, field: str) -> None:
    """The deadline is in a moment: none that is over is taken."""
    now = max(datetime.now(UTC), await story.now())
    value = (now.replace(microsecond=0) + SOON).isoformat()
    await stage.homeward.override(story.return_id, Override(by="operator", why="promised", field=field, value=value))


async def test_promises_are_counted_for_closed_and_open_returns(
    play: Callable[..., Play], stage: Stage, ask: Ask
) -> None:
    before = Counter(await counts(ask))
    in_target, in_limit, later = play(), play(), play(lines=SERIAL)
    for story in (in_target, in_limit):
        await received(story)
    await past(in_limit, "target")
    for story in (in_target, in_limit):
        await story.inspect()
    await received(later, ReceiptUnits(line_id="1", serial_number="S-9"))
    await past(later, "limit")
    await later.attention()
    await later.mark_done("paid in the store")
    await later.until(Status.REFUNDED)
    waiting, overdue = play(), play()
    for story in (waiting, overdue):
        await received(story)
    await set_back(stage, overdue, "target")
    await overdue.until_event("escalated")
    for story in (in_target, in_limit):
        await story.closed()
    # What is settled and still has goods to be judged counts as settled, though it is not closed.
    await until_counted(ask, before, within_target=1, within_limit=1, later=1, open=2, open_past_target=1)


async def counts(ask: Ask) -> dict[str, int]:
    found = await ask("promise")
    return {key: value for key, value in found.items() if key not in ("median", "percentile_95")}


async def test_a_time_has_its_shares_and_its_late_returns(ask: Ask) -> None:
    found = await ask("promise", "--from", "2001-01-01", "--until", "2001-02-01")
    assert (found["settled"], found["share_within_target"], found["late"]) == (0, None, [])
    now = await ask("promise", "--from", f"{datetime.now(UTC) - timedelta(days=1):%Y-%m-%d}")
    assert now["settled"] == now["within_target"] + now["within_limit"] + now["later"]
    assert len(now["late"]) == now["within_limit"] + now["later"]


async def until_counted(ask: Ask, before: Counter[str], **more: int) -> None:
    """Lists are a moment behind."""
    grown: dict[str, int] = {}
    for _ in range(50):
        grown = {key: value - before[key] for key, value in (await counts(ask)).items() if value != before[key]}
        if grown == more:
            return
        await asyncio.sleep(0.1)
    assert grown == more


async def test_a_broken_promise_is_listed_as_overdue_until_somebody_keeps_it(
    play: Callable[..., Play], stage: Stage, ask: Ask
) -> None:
    story = play()
    await story.start()
    await set_back(stage, story, "target")
    await story.until_event("escalated")
    await until_listed(ask, story, "--overdue", there=False)
    await set_back(stage, story, "limit")
    await story.attention()
    await until_listed(ask, story, "--overdue")
    limit = (await story.view()).deadlines.limit
    assert limit
    await until_listed(ask, story, "--due-before", limit.isoformat(), there=False)
    await until_listed(ask, story, "--due-before", (limit + timedelta(seconds=1)).isoformat())
    await story.mark_done("cash")
    await until_listed(ask, story, "--overdue", there=False)


async def until_listed(ask: Ask, story: Play, *wanted: str, there: bool = True) -> None:
    for _ in range(50):
        rows = await ask("list", *wanted, "--limit", "10000")
        if there == (story.return_id in [row["return_id"] for row in rows]):
            return
        await asyncio.sleep(0.1)
    raise TimeoutError(f"{story.return_id} is {'not ' if there else ''}listed by {' '.join(wanted)}")


async def test_the_rules_that_fired_are_shown_with_their_values(play: Callable[..., Play], ask: Ask) -> None:
    story = play(lines=[{"line_id": "1", "sku": "TV", "quantity": 1, "unit_price": 50001}])
    await story.start(until=Status.IN_REVIEW)
    shown = await ask("policy", "show", story.return_id)
    assert shown["outcome"] == "review"
    [rule] = shown["rules"]
    assert (rule["rule"], rule["detail"]) == ("amount", "worth 500.01 USD, an operator looks at more than 500.00 USD")
    assert (shown["terms"]["target_business_days"], shown["terms"]["limit_business_days"]) == (5, 7)
    plain = play()
    await plain.start()
    assert (await ask("policy", "show", plain.return_id))["rules"] == []
