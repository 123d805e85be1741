"""The messages that a return's records know of, for a new workflow to apply again."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final

from gateways.database.engine import Database
from gateways.database.ledger import DONE, effects_of
from gateways.database.messages import inbox

_BY: Final = "records"
#: Steps after which the customer holds what they need to send it back.
_WAYS: Final = ("buy_return_label", "book_pickup", "create_drop_off_code")
#: The signals that a webhook event becomes.
_NAMES: Final = {
    "tracking": "tracking_event",
    "payment": "payment_event",
    "receipt": "record_receipt",
    "inspection": "record_inspection",
}


async def recorded_messages(database: Database, return_id: str) -> dict[str, Any]:
    """``label_sent``, when the customer first got their label, and ``told``, ``[{name, message}]``, oldest first."""
    effects = [effect for effect in await effects_of(database, return_id) if effect["state"] == DONE]
    told = [(effect["at"], said) for number, effect in enumerate(effects) for said in _said(effect, effects[number:])]
    told += [
        (letter.at, {"name": _NAMES[letter.kind], "message": letter.message.model_dump(mode="json")})
        for letter in await inbox.forwarded_to(database, return_id)
    ]
    told.sort(key=lambda pair: pair[0])
    label = next((effect for effect in effects if effect["step"] in _WAYS), None)
    if label:
        told = _scanned_first(told, label["result"] or {})
    return {"label_sent": label["at"].isoformat() if label else None, "told": [said for _, said in told]}


def _said(effect: dict[str, Any], later: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """What a step was the answer to, and that a reviewer let it go on, where it has come further since."""
    result = effect["result"] or {}
    if said := _said_in(effect["step"], result):
        yield said
    decided = result.get("decision", {}).get("outcome")
    if decided == "review" and any(one["step"] in _WAYS or one["step"].startswith("receive") for one in later):
        yield {"name": "approve", "message": {"by": _BY}}


def _said_in(step: str, result: dict[str, Any]) -> dict[str, Any] | None:
    """What a step was the answer to."""
    if "told" in result:
        said: dict[str, Any] = result["told"]
        return said
    if "changed" in result:
        return {"name": "change_request", "message": {"by": _BY, **result["changed"]}}
    if step.startswith("book_pickup") and "start" in result:
        slot = {"start": result["start"], "end": result["end"]}
        return {"name": "change_request", "message": {"by": _BY, "pickup_slot": slot}}
    if step == "tell-cancelled":
        return {"name": "cancel", "message": {"by": _BY}}
    if step == "tell-declined":
        return {"name": "decline", "message": {"by": _BY, "reason": "declined before"}}
    return None


def _scanned_first(
    told: list[tuple[datetime, dict[str, Any]]], label: dict[str, Any]
) -> list[tuple[datetime, dict[str, Any]]]:
    """A receipt is the handover where no scan was kept: it was on the day it came, not today."""
    first = next((number for number, (_, said) in enumerate(told) if said["name"] == "record_receipt"), None)
    if first is None or not label.get("tracking_code"):
        return told
    at = told[first][0]
    scan = {"event_id": "records", "tracking_code": label["tracking_code"], "status": "delivered", "at": at.isoformat()}
    return [*told[:first], (at, {"name": "tracking_event", "message": scan}), *told[first:]]
