"""The workflow code of this version: how it is run, and which of it goes on with what earlier versions began."""

from typing import Final

from temporalio.worker import UnsandboxedWorkflowRunner, WorkflowRunner
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions

from workflows.repairs.workflow import RepairWorkflow
from workflows.returns.workflow import ReturnWorkflow
from workflows.suppliers.workflow import SupplierReturnWorkflow
from workflows.support.workflow import SupportCaseWorkflow

#: Checks workflow code for what would not replay, such as a clock or a random number of its own.
#: Everything below the workflows is passed through: it is pure, or runs in activities alone.
SANDBOX: Final = SandboxedWorkflowRunner(
    SandboxRestrictions.default.with_passthrough_modules(
        "lifecycle", "gateways", "client", "activities", "pydantic", "email_validator", "idna"
    )
)
#: They live for weeks, over several deployments. The others are one activity a run.
LONG_LIVED: Final[tuple[type, ...]] = (ReturnWorkflow, RepairWorkflow, SupplierReturnWorkflow, SupportCaseWorkflow)


def runner_of(*, sandbox: bool) -> WorkflowRunner:
    """What runs workflow code: within the SDK's sandbox or without."""
    return SANDBOX if sandbox else UnsandboxedWorkflowRunner()
