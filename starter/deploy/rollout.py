"""How a version is brought in step by step, and taken back."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from temporalio.api.enums.v1 import WorkerVersioningMode
from temporalio.api.taskqueue.v1 import PollerInfo
from temporalio.client import Client

from starter.deploy.routing import UNVERSIONED, CannotDeploy, Deployment, Routing
from starter.doctor.observed import POLLED, failing_workflows, pollers_of
from workers.main import WORKFLOWS, task_queue
from workers.setting_values import Role

_LOOKS_EVERY: Final = timedelta(seconds=5)
_VERSIONED: Final = WorkerVersioningMode.WORKER_VERSIONING_MODE_VERSIONED


@dataclass(frozen=True)
class Saying:
    """Who changes where work goes, and why."""

    by: str
    why: str


class Rollout:
    """Brings one build of a deployment in, or takes it back."""

    def __init__(self, client: Client, deployment: str, tell: Callable[[str], None]) -> None:
        """``tell`` is told of each step, in one line."""
        self._client = client
        self._name = deployment
        self._tell = tell
        self.routing = Routing(client, deployment)

    async def require_served(self, build_id: str | None) -> None:
        """Raise ``CannotDeploy`` unless each queue has been polled for this version within a minute."""
        if missing := await self.unserved(build_id):
            told = f"nobody has polled within {POLLED.seconds} s for {build_id or UNVERSIONED}"
            raise CannotDeploy(f"{told}: {', '.join(missing)}; start `homeward worker` for these roles first")

    async def unserved(self, build_id: str | None) -> list[str]:
        """The queues, and their kinds of tasks, that no worker of a version serves; steps alone are of any version."""
        missing = []
        for role in Role:
            for kind, pollers in (await pollers_of(self._client, task_queue(role))).items():
                served = self._of_version(pollers, build_id) if role in WORKFLOWS else pollers
                if not served:
                    missing.append(f"{kind} of {task_queue(role)}")
        return missing

    def _of_version(self, pollers: Sequence[PollerInfo], build_id: str | None) -> list[PollerInfo]:
        named = [(one, one.deployment_options) for one in pollers]
        if build_id is None:
            return [one for one, options in named if options.worker_versioning_mode != _VERSIONED]
        return [one for one, options in named if (options.deployment_name, options.build_id) == (self._name, build_id)]

    async def promote(self, build_id: str, ramp: Sequence[float], hold: timedelta, said: Saying) -> None:
        """Send all work to a version, part of it first; a workflow that is wedged on the way stops it."""
        before = await self.wedged()
        for percentage in (step for step in ramp if step < 100):
            await self.routing.ramp(build_id, percentage, said.by)
            await self.routing.note(build_id, f"ramped to {percentage:g} %", said.by, said.why)
            self._tell(f"{percentage:g} % of the work goes to {build_id}, for {hold}")
            await self._watch(build_id, before, hold, said)
        await self.routing.set_current(build_id, said.by)
        await self.routing.note(build_id, "promoted", said.by, said.why)
        self._tell(f"all work goes to {build_id}")

    async def _watch(self, build_id: str, before: int, hold: timedelta, said: Saying) -> None:
        loop = asyncio.get_running_loop()
        until = loop.time() + hold.total_seconds()
        while True:
            if (wedged := await self.wedged()) > before:
                await self.routing.ramp(build_id, 0, said.by)
                await self.routing.note(build_id, "ramp stopped", said.by, f"wedged workflows: {wedged}")
                raise CannotDeploy(f"wedged workflows: {wedged}, {before} before: the ramp of {build_id} is taken back")
            if (left := until - loop.time()) <= 0:
                return
            await asyncio.sleep(min(left, _LOOKS_EVERY.total_seconds()))

    async def wedged(self) -> int:
        """How many workflows cannot go on, as far as Temporal has noticed."""
        return await failing_workflows(self._client)

    async def rollback(self, to: str | None, said: Saying) -> None:
        """Take a ramp back; where there is none, send all work to the version before, or to the one named."""
        there = await self.routing.describe()
        if there.ramping and to is None:
            await self.routing.ramp(there.ramping, 0, said.by)
            await self.routing.note(there.ramping, "ramp taken back", said.by, said.why)
            self._tell(f"the ramp of {there.ramping} is taken back, all work goes to {there.current or UNVERSIONED}")
            return
        target = _earlier(there) if to is None else None if to == UNVERSIONED else to
        await self.require_served(target)
        await self.routing.set_current(target, said.by)
        if there.current:
            await self.routing.note(there.current, "taken back", said.by, said.why)
        if target:
            await self.routing.note(target, "promoted again", said.by, said.why)
        self._tell(f"all work goes to {target or UNVERSIONED} again")


def _earlier(there: Deployment) -> str:
    """The version that was current before."""
    others = [(one.last_current, one.build_id) for one in there.versions if one.build_id != there.current]
    known = [(at, build_id) for at, build_id in others if at]
    if not known:
        raise CannotDeploy(f"no version was current before: name one by --to, or `{UNVERSIONED}`")
    return max(known)[1]
