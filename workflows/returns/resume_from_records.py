"""What an earlier run has left: the state it closed with, or, where its history is gone, its recorded messages."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from temporalio import workflow
from temporalio.exceptions import ApplicationError

with workflow.unsafe.imports_passed_through():
    from pydantic import BaseModel

    from lifecycle.contract.errors import InvalidRequest
    from lifecycle.contract.request import invalid_as_request_error
    from lifecycle.returns.commands import ProvideHandover
    from lifecycle.returns.goods.handover import label_was_sent
    from lifecycle.returns.snapshot import restore
    from lifecycle.returns.state import Return

from workflows.shared.steps import StepIds

#: By the name of an update or signal: its message, and the method that takes it, for which the SDK has no type.
Handlers = Mapping[str, tuple[type[BaseModel], Any]]


def resumes(raw: Any) -> bool:
    """Whether this run goes on where an earlier one had closed."""
    return isinstance(raw, dict) and isinstance(raw.get("recorded"), dict)


def restored(raw: dict[str, Any]) -> Return:
    """The return as it was when the earlier run closed; raises ``InvalidRequest``."""
    recorded = {key: value for key, value in raw["recorded"].items() if key != "names"}
    with invalid_as_request_error():
        return restore(raw.get("request") or {}, recorded)


def used_ids(raw: Any) -> StepIds:
    """Names of steps that go on from those which an earlier run had used."""
    return StepIds(raw["recorded"].get("names") if resumes(raw) else None)


def request_of(raw: Any) -> Any:
    """What the first of all runs was started with."""
    return raw.get("request") if resumes(raw) or begins_from_records(raw) else raw


def begins_from_records(raw: Any) -> bool:
    """Whether this run stands for an earlier one of which nothing but the records is left."""
    return isinstance(raw, dict) and isinstance(raw.get("retold"), dict)


class RecordedMessages:
    """Applies recorded messages to a return, in order; what does not fit any more is noted and left out."""

    def __init__(self, ret: Return, raw: Any, is_over: Callable[[], bool]) -> None:
        self._ret = ret
        self._is_over = is_over
        #: None once all is applied.
        self._left: dict[str, Any] | None = raw["retold"] if begins_from_records(raw) else None

    @property
    def under_way(self) -> bool:
        """Whether there is something left to apply."""
        return self._left is not None

    async def apply(self, handlers: Handlers) -> None:
        """Apply all of it, once the ledger has given the label again."""
        await workflow.wait_condition(lambda: self._ret.opening is not None or self._is_over())
        left = self._left or {}
        for said in left.get("told", []):
            await self._wait_for_label(left)
            if self._is_over():
                break
            await self._apply_one(handlers, said)
        await self._wait_for_label(left)
        self._left = None

    async def _wait_for_label(self, left: Mapping[str, Any]) -> None:
        """What was said after the label is applied after it; the dates that ran from it run from it again."""
        await workflow.wait_condition(
            lambda: self._is_over() or not self._ret.agenda.has(ProvideHandover) or bool(self._ret.open_steps)
        )
        if left.get("label_sent"):
            label_was_sent(self._ret, datetime.fromisoformat(left["label_sent"]))

    async def _apply_one(self, handlers: Handlers, said: Mapping[str, Any]) -> None:
        name = str(said.get("name"))
        model, handler = handlers[name]
        try:
            with invalid_as_request_error():
                message = model.model_validate(said.get("message"))
            await handler(message)
        except InvalidRequest as error:
            self._drop(name, str(error))
        except ApplicationError as error:
            self._drop(name, error.message)

    def _drop(self, name: str, why: str) -> None:
        self._ret.note(workflow.now(), "dropped", by="records", detail=f"{name}: {why}")
