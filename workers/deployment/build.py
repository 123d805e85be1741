"""Which version of Homeward this process is, and of which of Temporal's worker deployments it is a part."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, NotRequired, TypedDict

from temporalio.common import VersioningBehavior, WorkerDeploymentVersion
from temporalio.worker import WorkerDeploymentConfig

from workers.deployment.version import BUILD, release, version_and_commit
from workers.settings import SettingsError

DEPLOYMENT: Final = "TEMPORAL_DEPLOYMENT_NAME"
#: Temporal parts a deployment's name from a build id by ``.`` or ``:``.
_NAME: Final = re.compile(r"^[A-Za-z0-9][\w/-]{0,199}$")
_ID: Final = re.compile(r"^[A-Za-z0-9][\w.+-]{0,62}$")
#: Returns, repairs, suppliers and cases live longer than a version is kept running; relays never end, and one that is
#: pinned would stand still without a word once the last worker of its version has stopped.
_BEHAVIOR: Final = VersioningBehavior.AUTO_UPGRADE


class Versioning(TypedDict):
    """What a worker is told of its version."""

    build_id: NotRequired[str]
    deployment_config: NotRequired[WorkerDeploymentConfig]


@dataclass(frozen=True)
class Build:
    """A version of the code; in a ``deployment`` Temporal sends it work once it is promoted, without one at once."""

    build_id: str
    deployment: str | None = None

    def versioning(self, *, has_workflows: bool) -> Versioning:
        """A worker's own. Steps are any version's: those that do steps alone take them from all."""
        if self.deployment is None or not has_workflows:
            # Every workflow task repeats it in the history; the SDK's own would be a hash of 32 letters.
            return {"build_id": release()}
        named = WorkerDeploymentVersion(self.deployment, self.build_id)
        config = WorkerDeploymentConfig(
            version=named, use_worker_versioning=True, default_versioning_behavior=_BEHAVIOR
        )
        return {"deployment_config": config}


def unversioned() -> Build:
    """This version, outside of any deployment."""
    return Build(version_and_commit())


def this_build(environment: Mapping[str, str] = os.environ) -> Build:
    """This version, in the deployment that the environment names. Raises ``SettingsError``."""
    deployment, build_id = (
        environment.get(DEPLOYMENT) or None,
        environment.get(BUILD) or version_and_commit(environment),
    )
    if deployment and not _NAME.match(deployment):
        raise SettingsError(f"{DEPLOYMENT}: expected letters, digits, '-', '_' or '/', at most 200")
    if not _ID.match(build_id):
        raise SettingsError(f"{BUILD}: expected letters, digits, '.', '+', '-' or '_', at most 63")
    return Build(build_id, deployment)
