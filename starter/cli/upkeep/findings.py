"""What the last comparison of the books has found: shown, and acknowledged."""

import click

from lifecycle.contract.boundary import read
from lifecycle.reconciliation.acknowledge import AcknowledgeFinding
from starter.cli.shared import options, render
from starter.cli.shared.session import with_database
from starter.shared.findings import KnownFinding, known_findings
from starter.shared.findings import acknowledge as note

#: Of an operator's table, here and among all that waits.
COLUMNS = ("return", "finding", "since", "subject", "what", "acknowledged")


def show(found: list[KnownFinding]) -> None:
    """As a table, or that there is nothing."""
    if found:
        render.table("findings", COLUMNS, map(_cells, found))
    else:
        render.line("nothing that waits was found")


def _cells(one: KnownFinding) -> list[object]:
    known = one.acknowledged
    return [one.return_id, one.kind, one.since, one.subject, one.text, known and f"{known.by}: {known.why}"]


@click.group(invoke_without_command=True)
@click.option("--all", "everything", is_flag=True, help="What somebody has acknowledged as well.")
@render.json_option
@click.pass_context
def findings(context: click.Context, *, everything: bool, as_json: bool) -> None:
    """Show what the last comparison of the books has found, and nobody has acknowledged; see `homeward reconcile`."""
    if context.invoked_subcommand is None:
        acknowledged = None if everything else False
        found = with_database(lambda db: known_findings(db, acknowledged=acknowledged))
        render.answer(found, show, as_json=as_json)


@findings.command()
@options.return_id
@click.argument("kind")
@click.option("--subject", default=None, help="Which one of several of that kind; all of them when left out.")
@click.option("--take-back", is_flag=True, help="Somebody has to look at it again.")
@options.by("operations", "Who says so.")
@options.why
@render.answers(show)
def acknowledge(
    return_id: str, kind: str, subject: str | None, by: str, why: str, *, take_back: bool
) -> list[KnownFinding]:
    """Have nobody look at a finding of RETURN_ID any more, for as long as it stays as it is."""
    said = {"return_id": return_id, "kind": kind, "subject": subject, "by": by, "why": why, "take_back": take_back}
    message = read(AcknowledgeFinding, said)
    return with_database(lambda db: note(db, message))
