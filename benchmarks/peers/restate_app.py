"""The plain return's steps and events on Restate, with nothing in them.

``python -m benchmarks.peers.restate_app PORT INGRESS_URL ADMIN_URL``, outside Homeward's environment: serves the
workflow at the port, makes it known to Restate's server, and is the caller, too, by HTTP.
"""

import asyncio
import sys
import time
from collections.abc import Awaitable
from contextlib import suppress
from datetime import timedelta
from functools import partial

import aiohttp
import restate
from hypercorn.asyncio import serve as serve_http
from hypercorn.config import Config
from restate import Workflow, WorkflowContext, WorkflowSharedContext

from benchmarks.peers.lines import Request, serve

_ALARM = timedelta(days=7)
_COMES_UP_WITHIN = 60.0
carry = Workflow("Return")


async def _nothing() -> str:
    """Do nothing; gives a reference as a partner would."""
    return "1"


@carry.main()
async def run(ctx: WorkflowContext, request: Request) -> None:
    """As many steps, events and shown states as the plain return."""
    await ctx.run_typed("open", _nothing)
    await ctx.promise("decision").resolve("requested")
    await ctx.run_typed("buy_return_label", _nothing)
    ctx.set("status", "label_sent")
    await ctx.promise("label").resolve("label_sent")
    ctx.sleep(_ALARM)
    await ctx.promise("tracking_event").value()
    ctx.set("status", "in_transit")
    await ctx.promise("record_receipt").value()
    await ctx.run_typed("receive", _nothing)
    ctx.set("status", "received")
    await ctx.promise("record_inspection").value()
    refund = ctx.run_typed("refund", _nothing)
    await ctx.run_typed("restock", _nothing)
    ctx.set("status", "settling")
    await refund
    ctx.set("status", "refunded")
    await ctx.run_typed("close", _nothing)


@carry.handler()
async def wait_for(ctx: WorkflowSharedContext, name: str) -> str:
    """Answer once the decision or the label is there."""
    return str(await ctx.promise(name, type_hint=str).value())


@carry.handler()
async def happened(ctx: WorkflowSharedContext, event: Request) -> str:
    """Take an event in."""
    await ctx.promise(event["name"]).resolve("1")
    return "received"


async def live(http: aiohttp.ClientSession, request: Request) -> list[float]:
    """One lifecycle."""
    of = f"/Return/{request['return_id']}"

    async def post(path: str, body: object) -> None:
        async with http.post(of + path, json=body) as answer:
            answer.raise_for_status()

    async def decided() -> None:
        await post("/run/send", request)
        await post("/wait_for", "decision")

    decision = await _timed(decided())
    await post("/wait_for", "label")
    await post("/happened/send", {"name": "tracking_event", "event_id": "1"})
    received = await _timed(post("/happened", {"name": "record_receipt", "id": "1"}))
    inspected = await _timed(post("/happened", {"name": "record_inspection", "id": "1"}))
    async with http.get(f"/restate/workflow{of}/attach") as answer:
        answer.raise_for_status()
    return [decision, received, inspected]


async def _timed(call: Awaitable[None]) -> float:
    began = time.perf_counter()
    await call
    return time.perf_counter() - began


async def _make_known(http: aiohttp.ClientSession, deployments: str, uri: str) -> None:
    """Both servers may still be starting."""
    async with asyncio.timeout(_COMES_UP_WITHIN):
        while True:
            with suppress(aiohttp.ClientError):
                async with http.post(deployments, json={"uri": uri}) as answer:
                    if answer.ok:
                        return
            await asyncio.sleep(0.2)


async def main(port: str, ingress: str, admin: str) -> None:
    """Serve and call until there is nobody left who could ask."""
    config = Config()
    config.bind = [f"127.0.0.1:{port}"]
    config.loglevel = "ERROR"
    serving = asyncio.create_task(serve_http(restate.app([carry]), config))
    async with aiohttp.ClientSession(ingress, connector=aiohttp.TCPConnector(limit=0)) as http:
        await _make_known(http, f"{admin}/deployments", f"http://127.0.0.1:{port}")
        await serve(partial(live, http))
    serving.cancel()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:4]))
