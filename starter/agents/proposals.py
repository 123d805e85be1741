"""What an agent proposes, sealed: it is done only as it was shown, once, and not for long after."""

from collections.abc import Mapping
from dataclasses import dataclass
from secrets import token_hex, token_urlsafe
from typing import Any, Final

from itsdangerous import BadSignature, URLSafeTimedSerializer
from mcp.server.mcpserver.exceptions import ToolError

#: Seconds for which a proposal can be carried out; a quote of yesterday is none.
LASTS: Final = 1800


@dataclass(frozen=True)
class Proposal:
    """``act`` on what is ``given``, and the ``amount`` that was shown, in minor units; its ``id`` makes it one act."""

    id: str
    act: str
    given: dict[str, Any]
    amount: int | None = None


class Proposals:
    """Signed with the API key, so that they stand when the program is started again; without one, with chance."""

    def __init__(self, key: str | None) -> None:
        self._signed = URLSafeTimedSerializer(key or token_urlsafe(32), salt="proposal")

    def seal(self, act: str, given: Mapping[str, Any], amount: int | None = None) -> str:
        """What carries out exactly this."""
        return str(self._signed.dumps([token_hex(8), act, dict(given), amount]))

    def opened(self, sealed: str, *acts: str) -> Proposal:
        """What was proposed; raises ``ToolError`` where it is none of these acts, too old, or not ours."""
        try:
            proposal = Proposal(*self._signed.loads(sealed, max_age=LASTS))
        except BadSignature:
            raise ToolError("refused: this was not proposed here in the last 30 minutes; propose it again") from None
        if proposal.act not in acts:
            raise ToolError(f"refused: this was proposed as {proposal.act}, which another tool carries out")
        return proposal
