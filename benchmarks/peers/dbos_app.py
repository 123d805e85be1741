"""The plain return's steps and events on DBOS, with nothing in them: ``python -m benchmarks.peers.dbos_app URL``.

Runs outside Homeward's environment. The caller is in the same process, as is usual with DBOS, and the least costly.
"""

import asyncio
import sys
import time
from typing import Any

from dbos import DBOS, SetWorkflowID
from sqlalchemy import Engine, event

from benchmarks.peers.lines import Request, serve

_ALARM = 7 * 24 * 3600.0
_PATIENCE = 60.0
#: How often what cannot be listened to is looked at, in seconds; DBOS's own default, a second, would only measure that.
_LOOKS_EVERY = 0.02


@DBOS.step()
async def step(name: str) -> str:
    """Do nothing; gives a reference as a partner would."""
    return f"{name}-1"


@DBOS.workflow()
async def carry(request: Request) -> None:
    """As many steps, events and shown states as the plain return; what is shown is the answer to an event, too."""
    await step("open")
    await DBOS.set_event_async("decision", "requested")
    await step("buy_return_label")
    await DBOS.set_event_async("label_sent", "1")
    await DBOS.recv_async("tracking_event", _ALARM)
    await DBOS.set_event_async("in_transit", "1")
    await DBOS.recv_async("receipt", _ALARM)
    await DBOS.set_event_async("received", "1")
    await step("receive")
    await DBOS.recv_async("inspection", _ALARM)
    await DBOS.set_event_async("settling", "1")
    await asyncio.gather(step("refund"), step("restock"))
    await DBOS.set_event_async("refunded", "1")
    await step("close")


async def live(request: Request) -> list[float]:
    """One lifecycle."""
    return_id = request["return_id"]
    began = time.perf_counter()
    with SetWorkflowID(return_id):
        handle = await DBOS.start_workflow_async(carry, request)
    await _answer(return_id, "decision")
    times = [time.perf_counter() - began]
    await _answer(return_id, "label_sent")
    await DBOS.send_async(return_id, {"event_id": "1"}, "tracking_event")
    for topic, answer in (("receipt", "received"), ("inspection", "settling")):
        began = time.perf_counter()
        await DBOS.send_async(return_id, {"id": "1"}, topic)
        await _answer(return_id, answer)
        times.append(time.perf_counter() - began)
    await handle.get_result(polling_interval_sec=_LOOKS_EVERY)
    return times


async def _answer(return_id: str, name: str) -> None:
    if await DBOS.get_event_async(return_id, name, _PATIENCE) is None:
        raise TimeoutError(f"{return_id} does not say {name}")


def _sync_as_ours_does(connection: Any, _: Any) -> None:
    """DBOS leaves SQLite as it comes, with several syncs to disk for each step."""
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=NORMAL")


if __name__ == "__main__":
    if sys.argv[1].startswith("sqlite"):
        event.listen(Engine, "connect", _sync_as_ours_does)
    DBOS(
        config={
            "name": "peer",
            "system_database_url": sys.argv[1],
            "log_level": "WARNING",
            "notification_listener_polling_interval_sec": _LOOKS_EVERY,
        }
    )
    DBOS.launch()
    asyncio.run(serve(live))
