"""One return, one of whose steps lost its answer, and all the ways in which such a step is tried again."""

import asyncio
from collections.abc import Awaitable
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import select
from temporalio.service import RPCError

from client.errors import NotAllowed, UnknownReturn, Unreachable
from gateways.database import ledger
from gateways.database.engine import rows_of
from gateways.sandbox.tables import sandbox_claims, sandbox_refunds
from lifecycle.contract.grades import Disposition, Grade
from lifecycle.contract.request import ReturnRequest
from tests.workflows.failures.actor import Actor, InVain, came_to
from tests.workflows.failures.cases import PATIENCE
from tests.workflows.failures.losing import How, Losing, Loss
from tests.workflows.failures.paths import PATHS
from tests.workflows.failures.shop import Shop, another
from tests.workflows.returns.trying_again import reset_activity, reset_workflow, run_anew, scheduled

#: Who tries it again: an operator answers the step that failed for good; the step is reset; the workflow is reset to
#: the step, and what was said to it since is said again, or not; the workflow is ended, and begins anew.
Again = Literal["retry", "activity_reset", "workflow_reset", "workflow_reset_bare", "new_run"]


@dataclass(frozen=True)
class Retried:
    """A step of a story whose answer is lost, and how it is tried again.

    ``tenders`` paid for the order, where it is not the example's; ``paid`` is what each of them is to get then.
    """

    effect: str
    story: str
    step: str
    how: How
    again: Again
    tenders: tuple[dict[str, Any], ...] = ()
    paid: tuple[tuple[str, int], ...] = ()

    def __str__(self) -> str:
        return f"{self.effect} ({len(self.tenders) or 'its'} tenders), {self.how}, {self.again}"


class Retrying(Actor):
    """One return whose step loses its answer."""

    def __init__(self, shop: Shop, request: ReturnRequest, loss: Loss, again: Again) -> None:
        super().__init__(shop, request)
        self._loss, self._again, self._rejected = loss, again, dict[str, str]()

    @property
    def struck(self) -> bool:
        """Whether the answer is lost."""
        return self._loss.lost.is_set()

    async def reject(self, unit_id: str, why: str) -> None:
        """The warehouse does not accept a unit, and would say so again."""
        self._rejected[unit_id] = why
        await super().reject(unit_id, why)

    async def inspect(self, *grades: Grade, disposition: Disposition | None = None) -> None:
        """The warehouse judges as it has judged before."""
        for unit_id, why in self._rejected.items():
            await super().reject(unit_id, why)
        if not self._rejected:
            await super().inspect(*grades, disposition=disposition)

    async def carry(self, path: str) -> None:
        """Play the path until the answer is lost, have the step tried again, and see the return to its end."""
        self.waits = True
        playing = asyncio.ensure_future(PATHS[path](self))
        if not await came_to(self._loss.lost.wait(), playing):
            raise AssertionError("the step never ran")
        try:
            await self._try_again(playing)
            self.waits = False
            await playing
        except (InVain, NotAllowed, UnknownReturn, Unreachable, RPCError, asyncio.CancelledError):
            if not playing.done():
                playing.cancel()
            await self.finish()

    async def _try_again(self, playing: "asyncio.Future[None]") -> None:
        client, workflow_id, step = self.stage.clock.client, self.handle.id, self._loss.step
        if self._again == "retry":
            view = await self.until_it(lambda view: view.attention is not None, "in need of an operator")
            self._loss.healed = True
            if view.attention is not None:
                await self.answer(view.attention, "retry")
            return
        self._loss.healed = True
        if self._again == "activity_reset":
            await reset_activity(client, workflow_id, step)
            return
        playing.cancel()
        if self._again == "new_run":
            await run_anew(client, workflow_id, self.request)
        else:
            await reset_workflow(client, workflow_id, scheduled(step), reapply=self._again == "workflow_reset")

    async def problems(self) -> list[str]:
        """What is wrong with its books, those of the ledger, the carrier's claims and the supplier among them."""
        found = await super().problems() + [
            f"{self._loss.step}: {name} was called again" for name in self._loss.repeated
        ]
        # A new run may go another way, and never come to the step.
        taken = {
            event.activity_task_scheduled_event_attributes.activity_id
            for event in (await self.handle.fetch_history()).events
        }
        for effect in await ledger.effects_of(self.stage.db, self.return_id):
            if effect["state"] != ledger.DONE and effect["step"] in taken:
                found.append(f"ledger: {effect['step']} is {effect['state']}")
        mine = sandbox_claims.c.key.startswith(f"return-{self.return_id}/", autoescape=True)
        claims = await rows_of(self.stage.db, select(sandbox_claims).where(mine))
        if len(claims) != len({claim["tracking_code"] for claim in claims}):
            found.append(f"claims: {claims}")
        return found + await self._at_the_supplier()

    async def _at_the_supplier(self) -> list[str]:
        if self._loss.step != "send_to_supplier":
            return []
        journey = self.stage.clock.client.get_workflow_handle(f"supplier-{self.return_id}")
        history = await journey.fetch_history()
        told = [one for one in history.events if one.HasField("workflow_execution_signaled_event_attributes")]
        # Without a key of its own a signal whose request arrives late may come twice: the journey drops the second.
        units = (await self.suppliers.view(self.return_id)).units
        most = 2 if self._loss.how == "cut" else 1
        return [] if len(told) <= most and len(units) == 1 else [f"supplier: {len(told)} signals, {len(units)} units"]

    async def refunds(self) -> list[tuple[str, int]]:
        """Which tender got how much, by the provider's books."""
        mine = sandbox_refunds.c.key.startswith(f"return-{self.return_id}/", autoescape=True)
        rows = await rows_of(self.stage.db, select(sandbox_refunds).where(mine))
        return sorted((str(row["charge"]).split(" ", 1)[1], row["amount"]) for row in rows)


async def play_again(shop: Shop, losing: Losing, case: Retried) -> list[str]:
    """Play it; what is wrong at its end, in words."""
    request = another(case.story, list(case.tenders) or None)
    loss = Loss(case.step, case.how)
    losing.losses[request.return_id or ""] = loss
    actor = Retrying(shop, request, loss, case.again)
    try:
        await asyncio.wait_for(actor.carry(case.story), PATIENCE)
        await _arrived(loss.arriving)
        problems = await actor.problems()
        if case.paid and await actor.refunds() != sorted(case.paid):
            problems.append(f"money: {await actor.refunds()}")
    except Exception as error:  # noqa: BLE001 - told with the others
        problems = [f"{type(error).__name__}: {error}"]
    return [f"{case}, {actor.return_id}: {problem}" for problem in problems]


async def _arrived(request: Awaitable[Any] | None) -> None:
    if request is not None:
        await request
