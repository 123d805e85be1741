"""A shop's own order workflow, in a namespace of its own: it knows Homeward by the names of service and endpoint."""

from datetime import timedelta
from typing import Any

from temporalio import workflow
from temporalio.exceptions import ApplicationError, NexusOperationError

ENDPOINT = "homeward"
NAMESPACE = "shop"


@workflow.defn
class OrderWorkflow:
    """Sends an order's items back, and goes on once the customer has their money."""

    def __init__(self) -> None:
        self.told: dict[str, Any] = {}

    @workflow.update
    async def has_asked(self) -> None:
        """Answers when nothing but the settlement is awaited any more."""
        await workflow.wait_condition(lambda: "view" in self.told)

    @workflow.run
    async def run(self, request: dict[str, Any]) -> dict[str, Any]:
        homeward = workflow.create_nexus_client(service="ReturnsService", endpoint=ENDPOINT)
        self.told["started"] = await homeward.execute_operation("start", request)
        one = {"return_id": self.told["started"]["return_id"]}
        waiting: workflow.NexusOperationHandle[Any] = await homeward.start_operation(
            "settlement", one, schedule_to_close_timeout=timedelta(days=60)
        )
        self.told["refused"] = await self._refused(homeward, "approve", one | {"by": "shop"})
        self.told["wrong"] = await self._refused(homeward, "cancel", one | {"by": "shop", "raison": "?"})
        self.told["unknown"] = await self._refused(homeward, "view", {"return_id": "R-nobody"})
        self.told["view"] = (await homeward.execute_operation("view", one))["status"]
        self.told["settled"] = await waiting
        self.told["again"] = await homeward.execute_operation("settlement", one)
        return self.told

    async def _refused(self, homeward: Any, operation: str, asked: dict[str, Any]) -> list[str | None]:
        try:
            await homeward.execute_operation(operation, asked)
        except NexusOperationError as failure:
            cause: BaseException | None = failure
            while cause is not None and cause.__cause__ is not None:
                cause = cause.__cause__
            assert isinstance(cause, ApplicationError)
            return [cause.type, cause.message]
        return ["done"]


@workflow.defn
class DecidedWorkflow:
    """Has a return of its own decided, and goes on once that is settled."""

    def __init__(self) -> None:
        self.told: dict[str, Any] = {}

    @workflow.update
    async def has_decided(self) -> None:
        """Answers when nothing but the settlement is awaited any more."""
        await workflow.wait_condition(lambda: "decided" in self.told)

    @workflow.run
    async def run(self, request: dict[str, Any], operation: str, said: dict[str, Any]) -> dict[str, Any]:
        homeward = workflow.create_nexus_client(service="ReturnsService", endpoint=ENDPOINT)
        self.told["started"] = await homeward.execute_operation("start", request)
        one = {"return_id": self.told["started"]["return_id"]}
        waiting: workflow.NexusOperationHandle[Any] = await homeward.start_operation(
            "settlement", one, schedule_to_close_timeout=timedelta(days=60)
        )
        self.told["decided"] = await homeward.execute_operation(operation, one | said)
        return self.told | {"settled": await waiting}
