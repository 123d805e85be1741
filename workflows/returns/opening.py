"""The opening step of a return, and another one for a request that the customer changes."""

from temporalio import workflow
from temporalio.exceptions import ApplicationError, FailureError

from workflows.returns.step_runner import StepRunner
from workflows.shared.steps import DoneManually, caused_by, reason

with workflow.unsafe.imports_passed_through():
    from activities.returns.opening import CLOSED_BEFORE, ChangeInput, OpeningActivities, OpenInput
    from lifecycle.contract.errors import InvalidRequest
    from lifecycle.contract.request import ReturnRequest
    from lifecycle.contract.view import View
    from lifecycle.returns.decisions.approval import open_return
    from lifecycle.returns.opening import Opening
    from lifecycle.shared.sharing import shared


class OpeningSteps:
    """What the policy says of the request; the units are claimed in the same step."""

    def __init__(self, runner: StepRunner) -> None:
        self._runner = runner
        #: The view of a return that had closed before it was started again.
        self.known: View | None = None
        #: Why the return cannot be started, found by the opening step.
        self.refused: InvalidRequest | None = None

    async def open(self) -> None:
        """Open the return; one that cannot be opened is ``known`` or ``refused`` afterwards."""
        ret = self._runner.ret
        given = OpenInput(return_id=ret.return_id, request=ret.request, now=workflow.now())
        opening = await self._runner.run(
            "open",
            lambda: self._runner.steps.run_locally(
                OpeningActivities.open_return, given, name="open", summary="Decide and claim the units"
            ),
            on_failure=self._known_before,
        )
        if self.known or self.refused:
            return
        if isinstance(opening, DoneManually) or opening is None:
            raise ApplicationError("A return cannot go on without its opening step", type="NotOpened")
        opening.terms, opening.calendar = shared(opening.terms), shared(opening.calendar)
        open_return(ret, opening, workflow.now())

    async def decide_again(self, request: ReturnRequest) -> Opening:
        """The policy's word on a changed request; the return keeps the terms and calendar it began with.

        A step that fails for good raises ``ApplicationError`` of type ``Refused`` with why.
        """
        given = ChangeInput(**self._runner.new_step("change"), request=request)
        try:
            # Not as a local step: what follows may cancel a label that is being bought, and a replay
            # may see that label's result and a local step's answer in another order than they came in.
            opening = await self._runner.steps.start_activity(
                OpeningActivities.change_return,
                given,
                name=given.step,
                summary="Decide on the changed request",
                profile="records",
            )
        except FailureError as error:
            raise ApplicationError(reason(error), type="Refused") from error
        kept = ("terms", "calendar", "step_timeout", "publishes", "itemizes")
        return opening.model_copy(update={name: getattr(self._runner.ret.opened, name) for name in kept})

    def _known_before(self, error: BaseException) -> bool:
        """Whether it cannot be opened: it has closed, belongs to another request, or holds texts that it may not."""
        closed = caused_by(error, CLOSED_BEFORE)
        if closed:
            self.known = View.model_validate(closed.details[0])
        elif caused_by(error, "KeyReused"):
            self.refused = InvalidRequest([("return_id", "expected one that no other request has used")])
        elif wrong := caused_by(error, "InvalidRequest"):
            self.refused = InvalidRequest.read(wrong.message)
        return bool(self.known or self.refused)
