"""What the gate before a version asks: whether its code goes on with what is open."""

from datetime import UTC, datetime
from functools import cache

from temporalio.client import Client
from temporalio.runtime import Runtime

from activities.shared.rollout import Checked
from workers.deployment import workflow_code
from workers.deployment.replay import USUAL_LIMIT, OpenHistories
from workers.telemetry import temporal_runtime


async def checked(client: Client, *, sandbox: bool) -> Checked:
    """Replay open workflows on this process's code. Raises ``RPCError``."""
    runner = workflow_code.runner_of(sandbox=sandbox)
    histories = OpenHistories(client, workflow_code.LONG_LIVED, runner, _runtime())
    report = await histories.check(USUAL_LIMIT, datetime.now(UTC))
    return Checked(report.open, report.replayed, tuple(one.workflow_id for one in report.breaking))


@cache
def _runtime() -> Runtime:
    """One for all checks of a process: it has threads of its own."""
    return temporal_runtime()
