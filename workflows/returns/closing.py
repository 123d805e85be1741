"""The records of a return that ends: stored, and opened again where an event comes after the end."""

from temporalio import workflow

from workflows.returns.step_runner import StepRunner

with workflow.unsafe.imports_passed_through():
    from activities.returns.closing import CloseInput, ClosingActivities, ReopenInput
    from lifecycle.returns.settlement import money_claim, settling, units_back
    from lifecycle.returns.snapshot import snapshot
    from lifecycle.returns.views.return_view import view_of


async def close(runner: StepRunner) -> None:
    """Store the final view, and the state that a later event resumes from."""
    ret, new = runner.ret, runner.new_step("close")
    given = CloseInput(
        **new,
        view=view_of(ret),
        state=snapshot(ret) | {"names": dict(runner.ids.used)},
        freed=settling.freed(ret),
        frees_shipping=ret.opened.holds_shipping and not ret.money.shipping_paid,
        back=units_back.back(ret),
        given=money_claim.given(ret),
    )
    await runner.run_step_locally("close", ClosingActivities.close_return, given, summary="Store the final view")


async def reopen(runner: StepRunner) -> None:
    """The records of a return that had closed open again."""
    given = ReopenInput(**runner.new_step("reopen"))
    await runner.run_step("reopen", ClosingActivities.reopen_return, given, summary="Open the records again")
