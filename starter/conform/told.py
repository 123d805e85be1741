"""Whether a shop's mail sender or stock system takes what it is told: signed, and the same again without complaint."""

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from starter.conform.probe import Probe, run_checks
from starter.doctor.finding import Finding


async def findings(probe: Probe, path: str, document: dict[str, Any]) -> list[Finding]:
    """All that was looked at; ``document`` has the key that a repeat keeps."""

    async def takes() -> str | None:
        answer = await probe.call(path, document | {"a_field_of_a_later_release": True})
        return None if 200 <= answer.status < 300 else f"expected 2xx, got {answer.told}"

    async def refuses_nonsense() -> str | None:
        answer = await probe.call(path, {})
        return None if answer.status in (400, 422) else f"expected 400 or 422, got {answer.told}"

    checks = [
        ("takes what it is told", takes),
        ("takes the same again", takes),
        ("refuses an empty document (400 or 422)", refuses_nonsense),
    ]
    return [*await probe.refusals(path, document), *await run_checks(path, checks)]


def mail(address: str) -> dict[str, Any]:
    """A mail to that address."""
    return {
        "idempotency_key": f"conform/{uuid4().hex}",
        "template": "refunded",
        "about": "R-conform",
        "to": {"address": address, "name": "Conform"},
        "subject": "A test of your mail sender",
        "text": "Homeward tests whether your mail sender takes its calls.\n",
        "data": {"return_id": "R-conform", "order_id": "CONFORM", "money": "0.01", "amount": 1},
        "attachment": None,
    }


def movements(sku: str) -> dict[str, Any]:
    """A piece of that article that comes, and leaves again."""
    moved = {
        "at": datetime.now(UTC).isoformat(),
        "kind": "receive",
        "sku": sku,
        "location": "main",
        "grade": "",
        "serial_number": None,
        "return_id": "R-conform",
        "unit_id": "1-1",
        "reserved": 0,
    }
    steps = [("receive", "", 1, 0), ("reserve", "A", 0, 1), ("release", "A", 0, -1), ("receive", "", -1, 0)]
    return {
        "idempotency_key": f"conform/{uuid4().hex}",
        "movements": [
            moved | {"kind": kind, "grade": grade, "quantity": quantity, "reserved": reserved}
            for kind, grade, quantity, reserved in steps
        ],
    }
