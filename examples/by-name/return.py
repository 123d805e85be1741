"""Starts a return by the workflow's name, and waits for the policy's decision; needs `temporalio` alone.

Usage: python return.py request.json, with TEMPORAL_ADDRESS and TEMPORAL_NAMESPACE where they are not the local ones.
"""

import asyncio
import hashlib
import json
import os
import sys
from pathlib import Path

from temporalio.client import Client, WithStartWorkflowOperation, WorkflowUpdateFailedError
from temporalio.common import WorkflowIDConflictPolicy
from temporalio.exceptions import ApplicationError


async def start(client: Client, request: dict) -> dict:
    """Start it, or find it started; the answer is the policy's decision."""
    operation = WithStartWorkflowOperation(
        "ReturnWorkflow",
        request,
        id=f"return-{request['return_id']}",
        task_queue="returns",
        id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
    )
    # Under an id of its own for each request: a repeat is answered, another request under the same id is refused.
    digest = hashlib.sha256(json.dumps(request, sort_keys=True).encode()).hexdigest()
    return await client.execute_update_with_start_workflow(
        "decision", request, start_workflow_operation=operation, id=f"decision:{digest}"
    )


async def main(request: dict) -> None:
    """Start it, and print what is decided and how it stands."""
    address = os.environ.get("TEMPORAL_ADDRESS", "127.0.0.1:7233")
    client = await Client.connect(address, namespace=os.environ.get("TEMPORAL_NAMESPACE", "default"))
    try:
        print(json.dumps(await start(client, request)))
    except WorkflowUpdateFailedError as failure:
        if not isinstance(failure.cause, ApplicationError):
            raise
        sys.exit(f"{failure.cause.type}: {failure.cause.message}")
    view = await client.get_workflow_handle(f"return-{request['return_id']}").query("view")
    print(json.dumps({"status": view["status"], "amount": view["settlement"]["amount"]}))


if __name__ == "__main__":
    asyncio.run(main(json.loads(Path(sys.argv[1]).read_text())))
