"""Whether a shop's refund service keeps what Homeward relies on: above all that it pays once for each key."""

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import uuid4

from gateways.payment.http_answers import FoundRefund, HeldAmount, RefundAnswer, RefundPage
from starter.conform.probe import Answer, Check, Probe, run_checks
from starter.doctor.finding import Finding, ok

_NOT_OFFERED: Final = (404, 405, 501)
_CONFLICT: Final = 409
_AT_ONCE: Final = 5
#: Minor units of the refunds that are made.
_FIRST: Final = 1
_SECOND: Final = 2


@dataclass(frozen=True)
class Sample:
    """An order that the service may pay back at least 3 minor units of; ``captured`` in minor units."""

    order_id: str
    customer_id: str
    currency: str
    tender_id: str
    tender_kind: str
    tender_reference: str | None
    captured: int


class RefundChecks:
    """One run of all of them, with keys of its own."""

    def __init__(self, probe: Probe, sample: Sample) -> None:
        self._probe = probe
        self._sample = sample
        run = uuid4().hex[:12]
        self._return_id = f"R-conform-{run}"
        self._key = f"return-{self._return_id}/refund-{sample.tender_id}"
        self._first = Answer(0, None)

    async def findings(self) -> list[Finding]:
        """All that was looked at."""
        unsigned = self._asked(_FIRST, f"{self._key}-unsigned")
        found = await self._probe.refusals("/refunds", unsigned)
        checks: list[Check] = [
            ("that was refused made nothing", lambda: self._finds_nothing(f"{self._key}-unsigned")),
            ("makes a refund", self._makes),
            ("gives the same answer to the same key", self._repeats),
            ("makes one refund of five calls at once", self._makes_one_at_once),
            ("refuses a key with another content (409)", self._refuses_another_content),
            ("refuses more than the tender holds (amount_too_large)", self._refuses_too_much),
            ("refuses what has no amount (400 or 422)", self._refuses_nonsense),
        ]
        found += await run_checks("/refunds", checks)
        finds: list[Check] = [
            ("finds a refund by its key and its reference", self._finds),
            ("finds nothing for an unknown key (null)", lambda: self._finds_nothing(f"{self._key}-unknown")),
        ]
        found += await run_checks("/refunds/find", finds)
        return [*found, *await self._held(), await self._listed()]

    async def _makes(self) -> str | None:
        self._first = await self._refund(_FIRST, self._key)
        problem = self._first.wrong(RefundAnswer)
        if problem:
            return problem
        if self._first.body["status"] == "refused":
            return f"refused ({self._first.body.get('code')}): name an order that may be paid back, see --help"
        return None if self._first.body.get("reference") else "expected a reference"

    async def _repeats(self) -> str | None:
        again = await self._refund(_FIRST, self._key)
        return _other(self._first, again)

    async def _makes_one_at_once(self) -> str | None:
        key = f"{self._key}-2"
        answers = await asyncio.gather(*(self._refund(_SECOND, key) for _ in range(_AT_ONCE)))
        # One that is under way may be answered by a failure, as long as it is made once.
        made = [answer for answer in answers if answer.status == 200]
        last = await self._refund(_SECOND, key)
        problems = [last.wrong(RefundAnswer), *(_other(last, answer) for answer in made)]
        return next(filter(None, problems), None)

    async def _refuses_another_content(self) -> str | None:
        other = await self._refund(_SECOND, self._key)
        return None if other.status == _CONFLICT else f"expected 409, got {other.told}"

    async def _refuses_too_much(self) -> str | None:
        key = f"{self._key}-too-much"
        answer = await self._refund(self._sample.captured + 1, key)
        problem = answer.wrong(RefundAnswer)
        if problem:
            return problem
        if (answer.body["status"], answer.body.get("code")) != ("refused", "amount_too_large"):
            return f"expected refused and amount_too_large, got {answer.body['status']}"
        return await self._finds_nothing(key)

    async def _refuses_nonsense(self) -> str | None:
        asked = self._asked(_FIRST, f"{self._key}-nonsense")
        del asked["amount"]
        answer = await self._probe.call("/refunds", asked)
        return None if answer.status in (400, 422) else f"expected 400 or 422, got {answer.told}"

    async def _finds(self) -> str | None:
        if self._first.status == 0:
            return "no refund was made that could be found"
        for asked in ({"idempotency_key": self._key}, {"reference": (self._first.body or {}).get("reference")}):
            found = await self._probe.call("/refunds/find", asked)
            if problem := found.wrong(FoundRefund):
                return problem
            known = found.body["refund"]
            if known is None or known["reference"] != asked.get("reference", known["reference"]):
                return f"found nothing by its {next(iter(asked))}"
            if known["amount"] != _FIRST:
                return f"expected an amount of {_FIRST}, got {known['amount']}"
        return None

    async def _finds_nothing(self, key: str) -> str | None:
        found = await self._probe.call("/refunds/find", {"idempotency_key": key})
        return found.wrong(FoundRefund) or ("there is a refund of that key" if found.body["refund"] else None)

    async def _held(self) -> list[Finding]:
        path, told = "/refunds/held", await self._probe.call("/refunds/held", self._about())
        if told.status in _NOT_OFFERED:
            return [ok(path, "not offered, which is allowed")]
        most = self._sample.captured - _FIRST - _SECOND

        async def held() -> str | None:
            problem = told.wrong(HeldAmount)
            too_much = not problem and told.body["amount"] > most
            return problem or (f"expected at most {most} after what was paid, got more" if too_much else None)

        async def held_of_an_order_that_counts_them() -> str | None:
            counted = await self._probe.call(path, self._about(refunded=_FIRST + _SECOND))
            problem = told.wrong(HeldAmount) or counted.wrong(HeldAmount)
            if problem or counted.body["amount"] == told.body["amount"]:
                return problem
            return "where the order's `refunded` has what was made here in it, that was counted twice, or forgotten"

        checks: list[Check] = [
            ("tells what the tender holds", held),
            ("counts a refund once that the order counts already", held_of_an_order_that_counts_them),
        ]
        return await run_checks(path, checks)

    async def _listed(self) -> Finding:
        path, asked = "/refunds/list", {"since": (datetime.now(UTC) - timedelta(days=1)).isoformat(), "cursor": None}
        page = await self._probe.call(path, asked)
        if page.status in _NOT_OFFERED:
            return ok(path, "not offered, which is allowed")

        async def lists() -> str | None:
            return await self._missing_in(page, asked)

        return (await run_checks(path, [("lists what was made, page by page", lists)]))[0]

    async def _missing_in(self, page: Answer, asked: dict[str, Any]) -> str | None:
        keys: list[str | None] = []
        while True:
            if problem := page.wrong(RefundPage):
                return problem
            keys += [one.get("idempotency_key") for one in page.body["refunds"]]
            cursor = page.body.get("cursor")
            if cursor is None or cursor == asked["cursor"]:
                break
            asked = asked | {"cursor": cursor}
            page = await self._probe.call("/refunds/list", asked)
        mine = [key for key in keys if key in (self._key, f"{self._key}-2")]
        return None if sorted(mine) == [self._key, f"{self._key}-2"] else f"expected both refunds once, got {len(mine)}"

    async def _refund(self, amount: int, key: str) -> Answer:
        return await self._probe.call("/refunds", self._asked(amount, key))

    def _asked(self, amount: int, key: str) -> dict[str, Any]:
        # What there is not today may be told tomorrow.
        later = {"a_field_of_a_later_release": True}
        return {"idempotency_key": key, "amount": amount, "replaces": None, **self._about(), **later}

    def _about(self, refunded: int = 0) -> dict[str, Any]:
        sample = self._sample
        return {
            "return_id": self._return_id,
            "order_id": sample.order_id,
            "customer_id": sample.customer_id,
            "currency": sample.currency,
            "tender": {
                "tender_id": sample.tender_id,
                "kind": sample.tender_kind,
                "reference": sample.tender_reference,
                "captured": sample.captured,
                "refunded": refunded,
            },
            "settlement": None,
        }


def _other(first: Answer, again: Answer) -> str | None:
    """How another answer to the same key differs; a refund that was pending may be done by now."""
    problem = again.wrong(RefundAnswer)
    if problem or first.status != 200:
        return problem or "the first answer was none to compare with"
    for field in ("reference", "amount"):
        if first.body.get(field) != again.body.get(field):
            return f"another {field} came back for the same key: it may have been paid twice"
    return "it was made, and is refused now" if again.body["status"] == "refused" else None
