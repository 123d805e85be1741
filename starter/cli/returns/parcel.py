"""Commands about the parcel, on the sandbox carrier."""

from datetime import UTC, datetime
from pathlib import Path

import click

from client.errors import NotAllowed
from gateways.sandbox.carrier import SandboxCarrier
from lifecycle.contract.messages import TrackingEvent, TrackingStatus
from starter.cli.shared import inputs, render
from starter.cli.shared.session import WrongInput, with_homeward
from starter.shared.connect import Connected


@click.command()
@click.argument("return_id")
@click.argument("status", type=click.Choice([status.value for status in TrackingStatus]))
@click.option("--tracking-code", default="", help="The return's own when left out.")
@click.option("--at", default="", help="When, ISO 8601 with a zone; now when left out.")
@render.json_option
def track(return_id: str, status: str, tracking_code: str, at: str, *, as_json: bool) -> None:
    """Scan the parcel, on the sandbox carrier, and signal the return."""
    scanned = inputs.instant("--at", at) if at else datetime.now(UTC)

    async def act(there: Connected) -> TrackingEvent:
        code = tracking_code or (await there.homeward.view(return_id)).handover.tracking_code
        if not code:
            raise NotAllowed(f"{return_id} has no parcel yet")
        event = await SandboxCarrier(there.db).scan(code, TrackingStatus(status), scanned)
        await there.homeward.tracking_event(return_id, event)
        return event

    event = with_homeward(act)
    if as_json:
        render.put_json(event)
    else:
        render.line(f"{return_id}  {event.tracking_code} {event.status} at {render.printable(event.at)}")


@click.command()
@click.argument("return_id")
@click.option(
    "-o", "--output", type=click.Path(path_type=Path, dir_okay=False), required=True, help="The file to write."
)
@render.json_option
def label(return_id: str, output: Path, *, as_json: bool) -> None:
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
    if as_json:
        render.put_json({"return_id": return_id, "file": str(output), "bytes": len(content)})
    else:
        render.line(f"{output}: {len(content)} bytes")
