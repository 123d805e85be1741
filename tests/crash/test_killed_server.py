"""The Temporal server is killed and started again on the same data: nothing is lost."""

import os
import signal

from lifecycle.contract.grades import Grade
from lifecycle.contract.messages import InspectedUnit, ReceiptUnits
from tests.crash.conftest import WORKER, Place, patiently
from tests.workflows.returns.play import Play, make_request


async def test_a_return_goes_on_where_it_was(place: Place) -> None:
    story = Play(place.stage, make_request())
    async with place.kept_running(*WORKER):
        await patiently(story.start)
        before = await story.view()

        os.kill(place.server.pid, signal.SIGKILL)
        await place.server.wait()
        await place.server.start()

        await patiently(story.view)
        assert await story.view() == before
        await patiently(lambda: story.receipt(ReceiptUnits(line_id="1"), receipt_id="receipt"))
        verdict = InspectedUnit(unit_id="1-1", grade=Grade.A)
        await patiently(lambda: story.inspection(verdict, inspection_id="inspection"))
        await story.closed()
    view = await story.view()
    assert (view.status, view.settlement.amount) == ("refunded", 4000)
    assert await story.mails() == ["label_sent", "refunded"]
