"""Shows a page, a mail and the FAQ in the language of a folder of its own: ``python -m ... FOLDER DATABASE``."""

import asyncio
import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

from gateways import language

language.OWN_CONTENT = Path(sys.argv[1])  # type: ignore[misc] # before anybody reads it

import httpx  # noqa: E402

from activities.shared.effects import StepInput  # noqa: E402
from activities.shared.return_mails import write_mail  # noqa: E402
from gateways.database.engine import Database  # noqa: E402
from gateways.database.messages.outbox import mails_of  # noqa: E402
from gateways.database.returns.records import insert_return  # noqa: E402
from lifecycle.contract.policy import Policy  # noqa: E402
from lifecycle.contract.statuses import Status  # noqa: E402
from lifecycle.returns.eligibility import Facts, decide  # noqa: E402
from lifecycle.returns.state import why_declined  # noqa: E402
from starter.portal.app import portal  # noqa: E402
from starter.portal.shared.formats import money  # noqa: E402
from tests.lifecycle.orders import NOW, request  # noqa: E402
from workers.faq_files import FaqFiles  # noqa: E402

_SLOT = "2026-12-01T15:00:00+00:00/2026-12-01T18:00:00+00:00"


async def _mails(db: Database) -> list[str]:
    """One that books a pickup, one that asks for an answer to a higher price, and one that declines."""
    policy = Policy()
    asked = request(placed_at="2026-09-16T10:15:00Z", delivered_at="2026-09-20T16:40:00Z")
    decision = decide(asked, policy, Facts(), NOW).decision
    charge = {"asked": 123450, "agreed": None, "refund": 4000, "answer_by": "2026-12-09", "link": "/r"}
    told = {
        "pickup_booked": {"slot": _SLOT, "tracking_code": "HW-1", "cost": "fee", "method": "pickup"},
        "charge_asked": charge | {"why": [{"key": "worth_less.C", "what": "Schuh", "note": None}]},
        "declined": {"why": why_declined(decision)},
    }
    await db.write(lambda c: insert_return(c, "R-1", asked, policy.model_dump(mode="json"), Status.REQUESTED, NOW))
    for number, (template, values) in enumerate(told.items()):
        step = StepInput(return_id="R-1", step=f"tell-{number}", now=datetime.now(UTC))
        await db.write(lambda c, s=step, t=template, v=values: write_mail(c, s, policy.shop, t, v))  # type: ignore[misc]
    return [mail["text"] for mail in await mails_of(db, "R-1")]


async def _page(db: Database, address: str) -> str:
    services = SimpleNamespace(
        settings=SimpleNamespace(asks_for_keys=True, frame_ancestors=[], oidc_issuer=None),
        stored_keys=SimpleNamespace(any=False),
        policy=Policy,
        db=db,
        faq=FaqFiles(db, None, Policy),
    )
    transport = httpx.ASGITransport(app=portal(services, "http://shop.test"))  # type: ignore[arg-type]
    async with httpx.AsyncClient(transport=transport, base_url="http://shop.test") as visitor:
        return (await visitor.get(address)).text


async def _show(url: str) -> dict[str, object]:
    db = Database(url)
    try:
        await db.upgrade()
        page = await _page(db, "/help?q=die+Verpackung")
        return {"mails": await _mails(db), "page": page, "money": money(123450, "EUR")}
    finally:
        await db.dispose()


if __name__ == "__main__":
    print(json.dumps(asyncio.run(_show(sys.argv[2]))))
