"""The operator who answers what failed for good, on a return or on its repair bench."""

from dataclasses import dataclass
from typing import Literal

from temporalio.service import RPCError

from client.errors import NotAllowed, UnknownRepair, Unreachable
from lifecycle.contract.messages import ResolveAttention
from lifecycle.contract.request import ReturnRequest
from lifecycle.contract.view import Attention, View
from starter.demo.story import Stage
from tests.workflows.failures.books import Books
from tests.workflows.failures.shop import Shop
from tests.workflows.failures.striking import STRUCK, Strike
from tests.workflows.returns.play import Play

Action = Literal["retry", "mark_done", "skip"]
#: Steps without which nothing goes on.
_TRIED_AGAIN = ("open", "reopen")


class NoEnd(Exception):
    """Nobody knows how this return could come to its end."""


@dataclass
class Answered:
    """What an operator was asked, and how they answered."""

    kind: str
    error: str
    action: str


class Answering(Play):
    """One return, and whoever answers its struck step with ``action``."""

    def __init__(
        self, shop: Shop, request: ReturnRequest, strike: Strike | None = None, action: Action = "retry"
    ) -> None:
        super().__init__(shop.stage, request)
        self.strike, self.action, self.answered = strike, action, list[Answered]()
        #: Nobody answers for now, and once it is struck nothing is in vain.
        self.waits = False
        self.ran = shop.striking.ran[self.return_id]
        if strike:
            shop.striking.strikes[self.return_id] = strike

    async def problems(self) -> list[str]:
        """What is wrong with its books now."""
        return await Books(self._stage.db, self.request, await self.view()).problems()

    @property
    def stage(self) -> Stage:
        """What it shares with the others."""
        return self._stage

    @property
    def struck(self) -> bool:
        """Whether what is to fail has failed."""
        return self.strike is not None and self.strike.times > 0

    async def see_to_it(self, view: View | None = None) -> bool:
        """Answer the struck step, if it waits; whether it did."""
        if self.waits or not self.strike or not self.struck or (self.strike.healed and self.answered):
            return False
        if self.strike.step.startswith("bench/"):
            return await self._see_to_the_bench()
        asked = view.attention if view and not view.closed else await self._asked()
        if asked is None or asked.error != STRUCK:
            return False
        await self.answer(asked, self.action)
        return True

    async def _asked(self) -> Attention | None:
        """What the workflow itself asks: the records may have been closed already."""
        try:
            return View.model_validate(await self.handle.query("view")).attention
        except RPCError:
            return None

    async def answer(self, asked: Attention, action: Action) -> None:
        """Answer it; what can only be tried again refuses anything else."""
        if asked.step in _TRIED_AGAIN and action != "retry":
            try:
                await self._resolve(asked, action)
            except NotAllowed:
                action = "retry"
            else:
                raise NoEnd(f"{self.return_id} goes on without {asked.step}")
        self._take_down(asked, action)
        await self._resolve(asked, action)

    async def _resolve(self, asked: Attention, action: Action) -> None:
        await self._stage.homeward.resolve_attention(self.return_id, _answer(asked, action, self.return_id))

    async def _see_to_the_bench(self) -> bool:
        for unit in (await self.view()).units:
            try:
                asked = (await self.repairs.view(self.return_id, unit.unit_id)).attention
            except (UnknownRepair, Unreachable):
                continue
            if asked is not None:
                self._take_down(asked, self.action)
                message = _answer(asked, self.action, self.return_id)
                await self.repairs.resolve_attention(self.return_id, unit.unit_id, message)
                return True
        return False

    def _take_down(self, asked: Attention, action: Action) -> None:
        """Tried again, what was struck works."""
        if self.strike and action == "retry":
            self.strike.healed = True
        self.answered.append(Answered(asked.step, asked.error, action))


def _answer(asked: Attention, action: Action, return_id: str) -> ResolveAttention:
    return ResolveAttention(
        by="operator",
        action=action,
        step=asked.step,
        reference=f"by-hand-{return_id}" if action == "mark_done" else None,
    )
