"""Whether somebody works for the version that Temporal sends work to."""

from temporalio.client import Client
from temporalio.service import RPCError

from starter.deploy.rollout import Rollout
from starter.deploy.routing import CannotDeploy
from starter.doctor.finding import Finding, failed, ok, warning

_CHECK = "deployment"


async def examine_deployment(client: Client, name: str) -> Finding:
    """One finding about the deployment of this name."""
    try:
        return await _found(client, name)
    except CannotDeploy as error:
        return failed(_CHECK, str(error), "then promote their version: `homeward deploy promote`")
    except RPCError as error:
        advice = "whether it is in order is not known: see whether these credentials may ask for it"
        return warning(_CHECK, f"Temporal answers {error.status.name}", advice)


async def _found(client: Client, name: str) -> Finding:
    rollout = Rollout(client, name, lambda _: None)
    there = await rollout.routing.describe()
    missing = await rollout.unserved(there.current)
    if there.current is None and missing:
        return failed(_CHECK, f"no version of {name} is promoted: its workers wait", "run `homeward deploy promote`")
    if missing:
        told = f"{there.current} works, and nobody serves its {', '.join(missing)}"
        return failed(_CHECK, told, "start its workers, or promote the version whose workers run")
    if there.current is None:
        return warning(_CHECK, f"no version of {name} is promoted", "run `homeward deploy promote`")
    part = f", {there.percentage:g} % to {there.ramping}" if there.ramping else ""
    return ok(_CHECK, f"work goes to {there.current}{part}")
