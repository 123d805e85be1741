"""Mails of a return, to the customer and to operations."""

from temporalio import workflow

from workflows.returns.step_runner import StepRunner
from workflows.shared.attention import Operations
from workflows.shared.command_queue import Handlers
from workflows.shared.steps import StepIds

with workflow.unsafe.imports_passed_through():
    from activities.returns.mails import MailActivities, WriteMailInput
    from lifecycle.returns.commands import SendMail
    from lifecycle.returns.mails import mail_values
    from lifecycle.returns.state import Return


class Mails:
    """The mails of one return that no other step brings."""

    def __init__(self, ret: Return, ids: StepIds, runner: StepRunner) -> None:
        self._ret = ret
        self._ids = ids
        self._runner = runner
        self._operations = Operations(runner.steps, "return", ret.return_id, ret.return_id)
        self.handlers: Handlers = {SendMail: self._write}

    async def _write(self, mail: SendMail) -> None:
        name = self._ids.next(f"tell-{mail.template}")
        given = WriteMailInput(
            return_id=self._ret.return_id,
            step=name,
            template=mail.template,
            to=mail.to,
            values=mail_values(self._ret, mail),
            now=workflow.now(),
        )
        await self._runner.run_step(
            "mail",
            MailActivities.write_mail,
            given,
            summary=f"Write the mail {mail.template}",
        )

    async def call_operations(self) -> None:
        """Mail operations about what waits for an operator; whatever comes up meanwhile goes into the next mail."""
        name = self._ids.next("call_operations")
        await self._operations.call_about(self._ret.open_steps, name, name)
