"""Which version of a worker deployment Temporal sends work to, by whom it was chosen, and why."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final, TypeVar

from google.protobuf.timestamp_pb2 import Timestamp
from temporalio.api.common.v1 import Payload
from temporalio.api.deployment.v1 import RoutingConfig, WorkerDeploymentInfo, WorkerDeploymentVersion
from temporalio.api.enums.v1 import RoutingConfigUpdateState, WorkerDeploymentVersionStatus
from temporalio.api.workflowservice.v1 import (
    DescribeWorkerDeploymentRequest,
    DescribeWorkerDeploymentVersionRequest,
    SetWorkerDeploymentCurrentVersionRequest,
    SetWorkerDeploymentRampingVersionRequest,
    UpdateWorkerDeploymentVersionMetadataRequest,
)
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from client.errors import HomewardError

#: What workers without a version are called where a version can be named.
UNVERSIONED: Final = "unversioned"
#: Under which name a version's metadata says who chose it, and why; Temporal's UI shows it.
_NOTE: Final = "homeward"
_WITHIN: Final = timedelta(seconds=10)
#: A change is told to the task queues one after another.
_KNOWN_WITHIN: Final = timedelta(minutes=1)
#: Temporal refuses more than a few questions a second about one deployment.
_BETWEEN_LOOKS: Final = 1.0
_TRIES: Final = 20
_REFUSALS: Final = (RPCStatusCode.FAILED_PRECONDITION, RPCStatusCode.NOT_FOUND, RPCStatusCode.RESOURCE_EXHAUSTED)
_UNDER_WAY: Final = RoutingConfigUpdateState.ROUTING_CONFIG_UPDATE_STATE_IN_PROGRESS
T = TypeVar("T")


class CannotDeploy(HomewardError):
    """Temporal's workers are not to be changed in this way; the message says why, and what to do."""


@dataclass(frozen=True)
class Note:
    """Who brought a version in or took it back, when, and why."""

    did: str
    by: str
    why: str
    at: datetime


@dataclass(frozen=True)
class Version:
    """A version that has polled; ``last_current`` is when it became current the last time."""

    build_id: str
    state: str
    created: datetime | None
    last_current: datetime | None
    note: Note | None


@dataclass(frozen=True)
class Deployment:
    """Where work goes: to ``current``, and ``percentage`` of it to ``ramping``; None is no version at all."""

    name: str
    current: str | None
    ramping: str | None
    percentage: float
    changed_by: str
    versions: Sequence[Version]

    def version(self, build_id: str) -> Version | None:
        """The version of this build id."""
        return next((one for one in self.versions if one.build_id == build_id), None)


class Routing:
    """One worker deployment in Temporal."""

    def __init__(self, client: Client, deployment: str) -> None:
        self._client = client
        self._name = deployment

    async def describe(self) -> Deployment:
        """Where work goes now. Raises ``CannotDeploy`` where no worker of the deployment has ever polled."""
        info = await self._info()
        routing = info.routing_config
        versions = [await self._version(one) for one in info.version_summaries]
        return Deployment(
            self._name,
            _build_of(routing, "current_deployment_version"),
            _build_of(routing, "ramping_deployment_version"),
            routing.ramping_version_percentage,
            info.last_modifier_identity,
            versions,
        )

    async def _info(self) -> WorkerDeploymentInfo:
        request = DescribeWorkerDeploymentRequest(namespace=self._client.namespace, deployment_name=self._name)
        told = f"no worker of the deployment {self._name} has polled yet: start them, with TEMPORAL_DEPLOYMENT_NAME"
        ask = self._client.workflow_service.describe_worker_deployment
        described = await _answered(lambda: ask(request, timeout=_WITHIN), told)
        return described.worker_deployment_info

    async def _version(self, summary: WorkerDeploymentInfo.WorkerDeploymentVersionSummary) -> Version:
        build_id = summary.deployment_version.build_id
        request = DescribeWorkerDeploymentVersionRequest(
            namespace=self._client.namespace, deployment_version=self._named(build_id)
        )
        ask = self._client.workflow_service.describe_worker_deployment_version
        found = await _answered(lambda: ask(request, timeout=_WITHIN))
        info = found.worker_deployment_version_info
        state = WorkerDeploymentVersionStatus.Name(summary.status).rpartition("_")[2].lower()
        created, last_current = _instant(summary.create_time), _instant(summary.last_current_time)
        return Version(build_id, state, created, last_current, _note(info.metadata.entries))

    async def ramp(self, build_id: str, percentage: float, by: str) -> None:
        """Send part of the work to a version; 0 takes the ramp back. Raises ``CannotDeploy``."""
        request = SetWorkerDeploymentRampingVersionRequest(
            namespace=self._client.namespace,
            deployment_name=self._name,
            build_id=build_id if percentage else "",
            percentage=percentage,
            identity=by,
        )
        ask = self._client.workflow_service.set_worker_deployment_ramping_version
        await _answered(lambda: ask(request, timeout=_WITHIN))
        await self._until_it_holds()

    async def set_current(self, build_id: str | None, by: str) -> None:
        """Send all work to a version, or with None to workers without one. Raises ``CannotDeploy``."""
        request = SetWorkerDeploymentCurrentVersionRequest(
            namespace=self._client.namespace, deployment_name=self._name, build_id=build_id or "", identity=by
        )
        ask = self._client.workflow_service.set_worker_deployment_current_version
        await _answered(lambda: ask(request, timeout=_WITHIN))
        await self._until_it_holds()

    async def _until_it_holds(self) -> None:
        """Wait until every task queue knows of the change; raises ``CannotDeploy`` after a minute."""
        until = asyncio.get_running_loop().time() + _KNOWN_WITHIN.total_seconds()
        while (await self._info()).routing_config_update_state == _UNDER_WAY:
            if asyncio.get_running_loop().time() > until:
                raise CannotDeploy("Temporal has taken the change, and not all task queues know of it yet")
            await asyncio.sleep(_BETWEEN_LOOKS)

    async def note(self, build_id: str, did: str, by: str, why: str) -> None:
        """Keep with a version who did what to it, and why."""
        said = {"did": did, "by": by, "why": why, "at": datetime.now(UTC).isoformat(timespec="seconds")}
        request = UpdateWorkerDeploymentVersionMetadataRequest(
            namespace=self._client.namespace,
            deployment_version=self._named(build_id),
            upsert_entries={_NOTE: Payload(metadata={"encoding": b"json/plain"}, data=json.dumps(said).encode())},
            identity=by,
        )
        ask = self._client.workflow_service.update_worker_deployment_version_metadata
        await _answered(lambda: ask(request, timeout=_WITHIN))

    def _named(self, build_id: str) -> WorkerDeploymentVersion:
        return WorkerDeploymentVersion(deployment_name=self._name, build_id=build_id)


async def _answered(ask: Callable[[], Awaitable[T]], not_found: str | None = None) -> T:
    """What Temporal refuses is said in its own words, which name the version and the queue.

    Asked too often, it is asked again: a ramp that is to be taken back must not stay because somebody looked at it.
    """
    tries = 0
    while True:
        tries += 1
        try:
            return await ask()
        except RPCError as error:
            if error.status is RPCStatusCode.NOT_FOUND and not_found:
                raise CannotDeploy(not_found) from None
            if error.status not in _REFUSALS:
                raise
            if tries == _TRIES or error.status is not RPCStatusCode.RESOURCE_EXHAUSTED:
                raise CannotDeploy(f"Temporal refuses: {error.message}") from None
        await asyncio.sleep(_BETWEEN_LOOKS)


def _build_of(routing: RoutingConfig, field: str) -> str | None:
    found: WorkerDeploymentVersion = getattr(routing, field)
    return found.build_id or None


def _instant(at: Timestamp) -> datetime | None:
    return at.ToDatetime(UTC) if at.seconds else None


def _note(entries: Any) -> Note | None:
    if _NOTE not in entries:
        return None
    said = json.loads(entries[_NOTE].data)
    return Note(said["did"], said["by"], said["why"], datetime.fromisoformat(said["at"]))
