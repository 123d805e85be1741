"""Mails of a return that no other step brings, to the customer and to operations."""

from temporalio import workflow

from workflows.returns.step_runner import StepRunner
from workflows.shared.attention import Operations

with workflow.unsafe.imports_passed_through():
    from activities.shared.return_mails import MailActivities, WriteMailInput
    from lifecycle.returns.commands import SendMail
    from lifecycle.returns.mail_values import mail_values


async def write_mail(runner: StepRunner, mail: SendMail) -> None:
    """Write one mail."""
    new = runner.new_step(f"tell-{mail.template}")
    given = WriteMailInput(**new, template=mail.template, to=mail.to, values=mail_values(runner.ret, mail))
    await runner.run_step("mail", MailActivities.write_mail, given, summary=f"Write the mail {mail.template}")


async def call_operations(runner: StepRunner) -> None:
    """Mail operations about what waits for an operator; whatever comes up meanwhile goes into the next mail."""
    return_id, name = runner.ret.return_id, runner.ids.next("call_operations")
    operations = Operations(runner.steps, "return", return_id, return_id)
    await operations.call_about(runner.ret.open_steps, name, name)
