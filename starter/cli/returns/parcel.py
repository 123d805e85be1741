"""Commands about the parcel, on the sandbox carrier."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from client.errors import NotAllowed
from gateways.sandbox.carrier import SandboxCarrier
from lifecycle.contract.messages import TrackingEvent, TrackingStatus
from starter.cli.shared import inputs, options, render
from starter.cli.shared.session import WrongInput, with_homeward
from starter.shared.connect import Connected


def _show_scan(scanned: tuple[str, TrackingEvent]) -> None:
    return_id, event = scanned
    render.line(f"{return_id}  {event.tracking_code} {event.status} at {render.printable(event.at)}")


@click.command()
@options.return_id
@click.argument("status", type=options.OneOf(TrackingStatus))
@click.option("--tracking-code", default="", help="The return's own when left out.")
@click.option("--at", default="", help="When, ISO 8601 with a zone; now when left out.")
@render.answers(_show_scan, lambda scanned: scanned[1])
def track(return_id: str, status: TrackingStatus, tracking_code: str, at: str) -> tuple[str, TrackingEvent]:
    """Scan the parcel, on the sandbox carrier, and signal the return."""
    scanned_at = inputs.instant("--at", at) if at else datetime.now(UTC)

    async def act(there: Connected) -> TrackingEvent:
        code = tracking_code or (await there.homeward.view(return_id)).handover.tracking_code
        if not code:
            raise NotAllowed(f"{return_id} has no parcel yet")
        event = await SandboxCarrier(there.db).scan(code, status, scanned_at)
        await there.homeward.tracking_event(return_id, event)
        return event

    return return_id, with_homeward(act)


def _show_file(written: dict[str, Any]) -> None:
    render.line(f"{written['file']}: {written['bytes']} bytes")


@click.command()
@options.return_id
@click.option(
    "-o", "--output", type=click.Path(path_type=Path, dir_okay=False), required=True, help="The file to write."
)
@render.answers(_show_file)
def label(return_id: str, output: Path) -> dict[str, Any]:
    """Write a return's label to a file: a PDF, or the drop-off code as PNG."""

    async def act(there: Connected) -> bytes:
        code = (await there.homeward.view(return_id)).handover.tracking_code
        if not code:
            raise NotAllowed(f"{return_id} has no label")
        return (await SandboxCarrier(there.db).label_file(code)).content

    content = with_homeward(act)
    try:
        output.write_bytes(content)
    except OSError as error:
        raise WrongInput([("--output", error.strerror or "cannot be written")]) from None
    return {"return_id": return_id, "file": str(output), "bytes": len(content)}
