"""The frame of every workflow of ours: around its input, its messages, and the round of work and waiting."""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any, ClassVar, Generic, Literal, Protocol, TypeVar

from temporalio import workflow

from workflows.shared.deadline_timer import DeadlineTimer
from workflows.shared.handlers import (
    invalid_as_application_error,
    invalid_request,
    refused_as_application_error,
)
from workflows.shared.shown import Shown

with workflow.unsafe.imports_passed_through():
    from pydantic import BaseModel

    from lifecycle.contract.boundary import read_message, unknown_fields
    from lifecycle.contract.errors import InvalidRequest
    from lifecycle.contract.request import invalid_as_request_error


class Noting(Protocol):
    """What keeps a timeline."""

    def note(self, at: datetime, event: Literal["dropped"], by: str = "engine", detail: str | None = None) -> None:
        """Put something that happened on it."""
        ...


State = TypeVar("State", bound=Noting)
Summary = TypeVar("Summary", bound=BaseModel)
Message = TypeVar("Message", bound=BaseModel)
Act = Callable[[State, Message, datetime], object]
Workflow = TypeVar("Workflow", bound="Shell[Any, Any]")
Handler = Callable[[Workflow, Message], Awaitable[Summary]]


class Shell(ABC, Generic[State, Summary]):
    """Handlers change ``_state`` and return; the run reacts in rounds, each of which waits for the next change.

    ``expects`` is what a run is started with, as whoever started it with something else reads it.
    """

    expects: ClassVar[str]
    _state: State

    @workflow.init
    def __init__(self, raw: Any = None, *more: Any) -> None:
        """See a full state before the first message; what is wrong with ``raw`` is reported by ``run``.

        Nothing at all, or more than one argument, is wrong input too: it must not wedge the task.
        """
        self._invalid: InvalidRequest | None = None
        self._changed = True
        self._timer = DeadlineTimer(self._on_deadline)
        self._shown = Shown()
        if more:
            self._invalid = InvalidRequest([("body", f"expected {self.expects}, got {1 + len(more)} arguments")])
            return
        try:
            self._begin(raw)
        except InvalidRequest as error:
            self._invalid = error

    # What each workflow has of its own

    @abstractmethod
    def _begin(self, raw: Any) -> None:
        """Make ``_state`` of the input; raises ``InvalidRequest``."""

    @abstractmethod
    async def _proceed(self) -> None:
        """Do what is to be done now, or begin it."""

    @abstractmethod
    def _next_alarm(self) -> tuple[datetime, str] | None:
        """The nearest instant at which something happens by itself, and what."""

    @abstractmethod
    def _show(self) -> None:
        """Write to Temporal's lists where it stands."""

    @abstractmethod
    def _details(self) -> str:
        """Where it stands, what it waits for, what comes next, for an operator in Temporal's UI; Markdown."""

    @abstractmethod
    def _cancel(self) -> None:
        """Take a cancel request from outside as a message."""

    @abstractmethod
    def _summary(self) -> Summary:
        """What an update answers."""

    @abstractmethod
    def _view(self) -> BaseModel:
        """What the query ``view`` answers."""

    # The round

    async def _until(self, ended: Callable[[], bool]) -> None:
        """Work, set the timer, show where it stands, wait until something happens; again until it has ended."""
        while not ended():
            await self._proceed()
            self._timer.set(self._next_alarm())
            self._show()
            await self._wait_for_change()

    async def _wait_for_change(self) -> None:
        await self._undisturbed(workflow.wait_condition(lambda: self._changed))
        self._changed = False

    async def _undisturbed(self, waiting: Awaitable[None]) -> None:
        """Wait to the end; a cancel request from outside is a message, and does not end the wait."""
        task = asyncio.ensure_future(waiting)
        while not task.done():
            try:
                await asyncio.shield(task)
            except asyncio.CancelledError:
                self._cancel()
        task.result()

    def _notify(self) -> None:
        """Something has happened: the round goes on."""
        self._changed = True

    def _advance(self) -> None:
        """Something was said or is due: draw the conclusions that are due at once, and go on."""
        self._notify()

    def _on_deadline(self) -> None:
        self._advance()

    # Input and messages

    @property
    def _invalid_request(self) -> InvalidRequest | None:
        """What is wrong with the start."""
        return self._invalid

    def _require_valid(self) -> None:
        if self._invalid_request:
            raise invalid_request(self._invalid_request)

    async def _refuse_invalid(self) -> None:
        """Fail a run that was started wrongly, once whoever has sent it a message knows."""
        if self._invalid_request:
            await workflow.wait_condition(workflow.all_handlers_finished)
            self._require_valid()

    @workflow.query
    def view(self) -> dict[str, Any]:
        """All there is to see of it, as the contract has it."""
        self._require_valid()
        return self._view().model_dump(mode="json")

    def details(self) -> str:
        """What Temporal's UI shows of it besides; nothing of a start that is refused."""
        return "" if self._invalid_request else self._details()

    def _check(self, message: BaseModel, check: Callable[[], object]) -> None:
        """Refuse, before it is accepted, an update that the state does not allow."""
        del message
        check()

    def _act(self, act: Act[State, Message], message: Message) -> Summary:
        """Apply an accepted update; what has become impossible since is refused."""
        self._require_valid()
        with refused_as_application_error():
            act(self._state, message, workflow.now())
        self._advance()
        return self._summary()

    def _apply(self, name: str, model: type[Message], arguments: tuple[Any, ...], act: Act[State, Message]) -> None:
        """Apply a signal; one that does not fit is noted on the timeline and dropped."""
        try:
            with invalid_as_request_error():
                message = model.model_validate(arguments[0] if len(arguments) == 1 else arguments)
            act(self._state, message, workflow.now())
        except InvalidRequest as error:
            self._state.note(workflow.now(), "dropped", detail=f"{name}: {error}")
        self._advance()


def update(
    check: Callable[[Any, Message], object],
) -> Callable[[Handler[Workflow, Message, Summary]], Callable[..., Awaitable[Summary]]]:
    """Make a method an update; where ``check`` refuses the state and the message, it is not accepted.

    Temporal brings the arguments as they came: whatever they are, the answer names what is wrong with them, and the
    fields that nobody knows. Texts are judged before the update is accepted, and never again: a replay takes what
    was accepted once.
    """

    def decorate(handler: Handler[Workflow, Message, Summary]) -> Callable[..., Awaitable[Summary]]:
        model: type[Message] = handler.__annotations__["message"]

        async def take(self: Workflow, *arguments: Any) -> Summary:
            with invalid_as_application_error():
                message = read_message(model, arguments, recorded=True)
            answer = await handler(self, message)
            return answer.model_copy(update={"ignored": unknown_fields(model, arguments[0])})

        def validate(self: Workflow, *arguments: Any) -> None:
            self._require_valid()
            message = read_message(model, arguments)
            self._check(message, lambda: check(self._state, message))

        take.__name__, take.__doc__ = handler.__name__, handler.__doc__
        workflow.update(take).validator(validate)
        return take

    return decorate
