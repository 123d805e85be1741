"""The code of a version that does not go on with every open return."""

import asyncio
from typing import Any

from temporalio import workflow

from client.names import RETURN
from workers.deployment.workflow_code import LONG_LIVED
from workflows.returns.workflow import ReturnWorkflow


@workflow.defn(name=RETURN)
class Incompatible(ReturnWorkflow):
    """Waits for a moment once the goods are handed over: returns that were handed over before know nothing of it."""

    @workflow.run
    async def run(self, raw: Any = None, *more: Any) -> dict[str, Any]:
        return await super().run(raw, *more)

    async def _settle_and_move_goods(self) -> None:
        await asyncio.sleep(0.05)
        await super()._settle_and_move_goods()


CHANGED = (Incompatible, *(one for one in LONG_LIVED if one is not ReturnWorkflow))
