"""Tools that change something: each is proposed first, which shows what it will do, and then carried out as shown."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Annotated, Any, Final, Literal

from mcp.server.mcpserver.exceptions import ToolError
from pydantic import BaseModel, Field

from client.errors import UnknownReturn
from client.http import HttpHomeward
from lifecycle.contract import messages
from lifecycle.contract.boundary import read
from lifecycle.contract.request import Channel, ExchangeItem, Item, Method, NamedOrder, NamedRequest
from lifecycle.contract.resolutions import Resolution
from lifecycle.contract.view import Outcome
from lifecycle.repairs.messages import EstimateAnswer
from starter.agents.foreseen import check_foreseen
from starter.agents.proposals import Proposal, Proposals
from starter.agents.reading import short
from starter.agents.refusals import noted, told

_START: Final = "start_return"
#: Each act on a return by its name: its message, and the call that sends it.
_ACTS: Final[Mapping[str, tuple[type[BaseModel], Callable[..., Awaitable[BaseModel]]]]] = {
    "cancel": (messages.Cancel, HttpHomeward.cancel),
    "answer_charge": (messages.AnswerCharge, HttpHomeward.answer_charge),
    "approve": (messages.Approve, HttpHomeward.approve),
    "decline": (messages.Decline, HttpHomeward.decline),
    "resolve_attention": (messages.ResolveAttention, HttpHomeward.resolve_attention),
}
_ESTIMATE: Final = "answer_estimate"
_WHO: Final = "Who asks: `customer`, or the colleague's sign-in name; it is recorded and logged."
AskedBy = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,79}$", description=_WHO)]
Confirm = Annotated[str, Field(description="What the proposal answered as `confirm`, once whoever asks has agreed.")]


class Acting:
    """What may be done for a customer; each public method is a tool, described by its docstring."""

    def __init__(self, homeward: HttpHomeward, proposals: Proposals) -> None:
        self._homeward = homeward
        self._proposals = proposals

    async def quote_return(
        self,
        order_id: str,
        items: list[Item],
        resolution: Resolution | None = None,
        method: Method = Method.MAIL,
        exchange_for: list[ExchangeItem] | None = None,
    ) -> dict[str, Any]:
        """What a return of these items would give, in minor units, and whether the policy lets it; starts nothing.

        `confirm` starts it, by `start_return`; there is none where the policy declines, whose rules say why.
        """
        with told():
            request = NamedRequest(
                order=NamedOrder(order_id=order_id),
                items=items,
                method=method,
                channel=Channel.CHAT,
                exchange_for=exchange_for,
            )
            if resolution:
                request.resolution = resolution
            asked = request.model_dump(mode="json", exclude_none=True)
            quote = await self._homeward.quote(asked)
        declined = quote.decision.outcome is Outcome.DECLINED
        confirm = None if declined else self._proposals.seal(_START, asked, quote.amount)
        return {"quote": quote.model_dump(mode="json"), "confirm": confirm}

    async def start_return(self, confirm: Confirm, asked_by: AskedBy) -> dict[str, Any]:
        """Start the return that was quoted; the same `confirm` again answers with the same return."""
        proposal = self._proposals.opened(confirm, _START)
        return_id = f"R-{proposal.id}"
        with told(), noted(proposal.act, return_id, asked_by):
            if not await self._is_there(return_id):
                await self._check_amount(proposal)
            request = NamedRequest.model_validate(proposal.given | {"return_id": return_id})
            return (await self._homeward.start(request)).summary.model_dump(mode="json")

    async def propose_cancel(self, return_id: str, reason: str | None = None) -> dict[str, Any]:
        """Propose to call a return off; possible until the handover or the first money."""
        return await self._proposed("cancel", return_id, {"reason": reason})

    async def propose_charge_answer(
        self, return_id: str, *, accepted: bool, instead: Literal["refund", "store_credit"] | None = None
    ) -> dict[str, Any]:
        """Propose the customer's answer to what an exchange costs more than was agreed, or what they want instead."""
        return await self._proposed("answer_charge", return_id, {"accepted": accepted, "instead": instead})

    async def propose_estimate_answer(self, return_id: str, unit_id: str, *, accepted: bool) -> dict[str, Any]:
        """Propose the customer's answer to the estimate of a repair, which `units` of the return show."""
        return await self._proposed(_ESTIMATE, return_id, {"unit_id": unit_id, "accepted": accepted})

    async def carry_out(self, confirm: Confirm, asked_by: AskedBy) -> dict[str, Any]:
        """Do what was proposed, exactly as it was shown; the same `confirm` again changes nothing."""
        proposal = self._proposals.opened(confirm, *_ACTS, _ESTIMATE)
        given = dict(proposal.given)
        return_id = given.pop("return_id")
        with told(), noted(proposal.act, return_id, asked_by):
            answer = await self._sent(proposal, return_id, given | {"by": f"{asked_by} by agent"})
        return answer.model_dump(mode="json")

    async def _sent(self, proposal: Proposal, return_id: str, given: dict[str, Any]) -> BaseModel:
        if proposal.act == _ESTIMATE:
            unit_id = given.pop("unit_id")
            answer = EstimateAnswer.model_validate(given)
            return await self._homeward.repairs.answer_estimate(return_id, unit_id, answer, proposal.id)
        model, send = _ACTS[proposal.act]
        return await send(self._homeward, return_id, model.model_validate(given), proposal.id)

    async def _proposed(self, act: str, return_id: str, given: Mapping[str, Any]) -> dict[str, Any]:
        said = {name: value for name, value in given.items() if value is not None}
        with told():
            _check(act, said)
            view = await self._homeward.view(return_id)
            check_foreseen(act, view, said)
        return {
            "now": short(view),
            "will": {"act": act, **said},
            "confirm": self._proposals.seal(act, said | {"return_id": return_id}),
        }

    async def _is_there(self, return_id: str) -> bool:
        try:
            await self._homeward.view(return_id)
        except UnknownReturn:
            return False
        return True

    async def _check_amount(self, proposal: Proposal) -> None:
        quote = await self._homeward.quote(proposal.given)
        if quote.amount != proposal.amount:
            raise ToolError(f"refused: it gives {quote.amount} by now, and {proposal.amount} was shown; quote it again")


def _check(act: str, said: Mapping[str, Any]) -> None:
    """Refuse what the act could not say; raises ``InvalidRequest``."""
    model = EstimateAnswer if act == _ESTIMATE else _ACTS[act][0]
    read(model, {name: value for name, value in said.items() if name != "unit_id"} | {"by": "agent"})


class Operating(Acting):
    """What staff may do besides, where the key has the scope `operate`."""

    async def propose_approval(self, return_id: str, note: str | None = None) -> dict[str, Any]:
        """Propose to let a return in review go on."""
        return await self._proposed("approve", return_id, {"note": note})

    async def propose_decline(self, return_id: str, reason: str) -> dict[str, Any]:
        """Propose to turn a return in review down; the customer reads the reason."""
        return await self._proposed("decline", return_id, {"reason": reason})

    async def propose_resolution(
        self,
        return_id: str,
        action: messages.AttentionAction,
        why: str,
        step: str | None = None,
        reference: str | None = None,
    ) -> dict[str, Any]:
        """Propose an answer to a step that waits for an operator.

        `retry` runs it again; `mark_done` says that it was done by hand, with its `reference`; `skip` goes on without.
        """
        given = {"action": action, "why": why, "step": step, "reference": reference}
        return await self._proposed("resolve_attention", return_id, given)
