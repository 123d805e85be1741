"""A return whose history is gone begins anew, and is told again what its records know was said to it."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from temporalio import workflow
from temporalio.exceptions import ApplicationError

with workflow.unsafe.imports_passed_through():
    from pydantic import BaseModel, ValidationError

    from lifecycle.contract.request import problems
    from lifecycle.returns.goods.handover import label_was_sent
    from lifecycle.returns.state import Return

#: By the name of an update or signal: its message, and the method that takes it, for which the SDK has no type.
Handlers = Mapping[str, tuple[type[BaseModel], Any]]


def begins_anew(raw: Any) -> bool:
    """Whether this run stands for an earlier one of which nothing but the records is left."""
    return isinstance(raw, dict) and isinstance(raw.get("retold"), dict)


class Retelling:
    """Tells a return what was said to it, in order; what does not fit any more is noted and left out."""

    def __init__(self, ret: Return, raw: Any, is_over: Callable[[], bool]) -> None:
        self._ret = ret
        self._is_over = is_over
        #: Null once all is told.
        self._left: dict[str, Any] | None = raw["retold"] if begins_anew(raw) else None

    @property
    def under_way(self) -> bool:
        """Whether there is something left to tell."""
        return self._left is not None

    async def tell(self, handlers: Handlers) -> None:
        """Tell all of it, once the ledger has given the label again."""
        await workflow.wait_condition(lambda: self._ret.opening is not None or self._is_over())
        left = self._left or {}
        for said in left.get("told", []):
            await self._until_it_can_hear(left)
            if self._is_over():
                break
            await self._say(handlers, said)
        await self._until_it_can_hear(left)
        self._left = None

    async def _until_it_can_hear(self, left: Mapping[str, Any]) -> None:
        """What was said after the label is told after it; the dates that ran from it run from it again."""
        await workflow.wait_condition(
            lambda: self._is_over() or not self._ret.agenda.label or bool(self._ret.open_steps)
        )
        if left.get("label_sent"):
            label_was_sent(self._ret, datetime.fromisoformat(left["label_sent"]))

    async def _say(self, handlers: Handlers, said: Mapping[str, Any]) -> None:
        name = str(said.get("name"))
        model, handler = handlers[name]
        try:
            await handler(model.model_validate(said.get("message")))
        except ValidationError as error:
            self._drop(name, "; ".join(f"{field}: {text}" for field, text in problems(error)))
        except ApplicationError as error:
            self._drop(name, error.message)

    def _drop(self, name: str, why: str) -> None:
        self._ret.note(workflow.now(), "dropped", by="records", detail=f"{name}: {why}")
