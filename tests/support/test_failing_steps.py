"""The database is away for a while, or refuses: a question is kept all the same, and told once."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from temporalio.testing import ActivityEnvironment

from activities.support.cases import OpenCaseInput, SupportActivities
from gateways.database import ledger
from gateways.database.engine import Database
from gateways.errors import Declined, GatewayError, Unavailable
from gateways.orders.database import DatabaseOrders
from lifecycle.contract.policy import Policy
from lifecycle.support import rules
from starter.demo.story import Stage
from tests.support.cases import CasePlay, make_question
from tests.workflows.returns.play import called_for


@pytest.fixture
def failing(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """The next so many effects of this case fail, before they have happened."""
    real = ledger.once

    def fail(case_id: str, step: str, error: GatewayError, times: int) -> None:
        left = times

        async def once(database: Database, effect: ledger.Effect, *rest: Any) -> Any:
            nonlocal left
            if left and effect.return_id == f"support:{case_id}" and effect.step == step:
                left -= 1
                raise error
            return await real(database, effect, *rest)

        monkeypatch.setattr(ledger, "once", once)

    return fail


async def test_a_question_waits_for_the_database(stage: Stage, failing: Callable[..., None]) -> None:
    play = CasePlay(stage, make_question())
    failing(play.case_id, "open", Unavailable("the database does not answer", "database"), times=1)
    asked = await play.ask()
    assert asked.created
    await play.until_mails("support_received")


async def test_what_was_said_is_kept_once_the_database_is_back(stage: Stage, failing: Callable[..., None]) -> None:
    play = CasePlay(stage, make_question())
    await play.ask()
    failing(play.case_id, "keep", Unavailable("the database does not answer", "database"), times=1)
    await play.answer("One")
    await play.say("Two")
    await play.close()
    await play.ended()
    assert [mail["template"] for mail in await play.mails()] == ["support_received", "support_answer"]
    assert [said.text for said in (await play.view()).messages[1:]] == ["One", "Two"]


async def test_a_step_that_is_refused_is_tried_again_a_day_later(stage: Stage, failing: Callable[..., None]) -> None:
    play = CasePlay(stage, make_question())
    await play.ask()
    failing(play.case_id, "keep", Declined("no such table", "refused"), times=1)
    await play.answer("One")
    await play.until(play.view, lambda view: view.attention is not None)
    attention = (await play.view()).attention
    assert attention is not None
    assert (attention.step, attention.error) == ("keep", "no such table")
    await play.until(lambda: called_for(stage.db, "support/keep"), bool)
    await play.pass_time(timedelta(days=1, minutes=1))
    await play.until_mails("support_received", "support_answer")
    await play.until(play.view, lambda view: view.attention is None)
    assert "attention_resolved" in await play.events()


async def test_without_its_faq_a_question_is_taken_all_the_same(stage: Stage) -> None:
    async def no_faq(_: str) -> list[Any]:
        raise Unavailable("the database does not answer", "database")

    request = make_question()
    case = rules.begin(request, datetime.now(UTC))
    activities = SupportActivities(stage.db, Policy, no_faq, "http://127.0.0.1:8000", DatabaseOrders(stage.db))
    given = OpenCaseInput(request=request, view=rules.view_of(case), now=case.messages[0].at)
    opened = await ActivityEnvironment().run(activities.open_case, given)
    assert opened.answers == []
