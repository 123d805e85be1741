"""SIGKILL before and after every step of a support case: kept once, told once, one return made of it."""

import asyncio
import json
from datetime import timedelta
from typing import Any

import pytest

from client.names import support_id
from client.support import Support
from gateways.orders.database import keep_orders
from gateways.orders.protocol import FoundOrder
from lifecycle.support.messages import WantedReturn
from tests.crash.conftest import Place, patiently
from tests.support.cases import CasePlay, make_question
from tests.workflows.returns.play import make_request

ORDER = make_request().order
STEPS = ("open", "keep", "start_return-1", "keep-3")
#: A form's question has a step of its own, which sends the receipt.
ANONYMOUS = {"order_id": ORDER.order_id, "email": ORDER.customer.email, "anonymous": True}


async def live(play: CasePlay) -> None:
    """Asked, answered, made a return of, by people who do not see the worker die."""
    await patiently(play.ask)
    await patiently(lambda: play.answer("Send it back", message_id="m-1"))
    await play.until_mails("support_received", "support_answer")
    request = make_request()
    wanted = WantedReturn(order=request.order, items=request.items)
    await patiently(lambda: play.make_return(wanted, request_id="now"))
    await play.ended()


@pytest.mark.crash
@pytest.mark.parametrize(("steps", "question"), [(STEPS, {}), (("check_address",), ANONYMOUS)])
async def test_killed_before_and_after_every_step_of_a_case(
    place: Place, steps: tuple[str, ...], question: dict[str, Any]
) -> None:
    places = [(step, when) for step in steps for when in ("before", "after")]
    await keep_orders(place.stage.db, [FoundOrder(ORDER)])
    stories = {where: CasePlay(place.stage, make_question(**question)) for where in places}
    for play in stories.values():
        play.support = Support(place.stage.clock.client, place.stage.db, timedelta(seconds=90))
    plan = {support_id(play.case_id): where for where, play in stories.items()}
    (place.folder / "plan.json").write_text(json.dumps(plan))
    async with place.kept_running("-m", "tests.crash.self_killing_worker", str(place.folder)) as worker:
        await asyncio.gather(*(live(play) for play in stories.values()))
        assert worker.deaths == len(places), "not every place was reached"

    for where, play in stories.items():
        view = await play.view()
        assert (view.status, view.became_return) == ("became_return", f"R-{play.case_id}"), where
        assert [said.text for said in view.messages[1:]] == ["Send it back"], where
        told = [mail["template"] for mail in await play.mails()]
        assert told == ["support_received", "support_answer", "support_became_return"], where
