"""What agents are told when something is not done, and why."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import structlog
from mcp.server.mcpserver.exceptions import ToolError
from pydantic import ValidationError

from client.errors import HomewardError, InvalidInput, NotAuthorised, UnknownReturn, Unreachable
from lifecycle.contract.errors import InvalidRequest
from lifecycle.contract.request import problems

_KINDS: Final[tuple[tuple[type[HomewardError], str], ...]] = (
    (InvalidInput, "invalid"),
    (UnknownReturn, "unknown"),
    (NotAuthorised, "not allowed with this key"),
    (Unreachable, "not now, and safe to try again"),
)
_log = structlog.get_logger("homeward.agents")


@contextmanager
def noted(act: str, return_id: str, asked_by: str) -> Iterator[None]:
    """Log what is done for whom, and whether it was."""
    outcome = "refused"
    try:
        yield
        outcome = "done"
    finally:
        _log.info("agent_acted", act=act, return_id=return_id, asked_by=asked_by, outcome=outcome)


@contextmanager
def told() -> Iterator[None]:
    """Have what the API refuses be the tool's answer, with the reason."""
    try:
        yield
    except ValidationError as error:
        raise ToolError("invalid: " + "; ".join(f"{field}: {text}" for field, text in problems(error))) from None
    except InvalidRequest as error:
        raise ToolError(f"invalid: {error}") from None
    except HomewardError as error:
        kind = next((kind for errors, kind in _KINDS if isinstance(error, errors)), "refused")
        raise ToolError(f"{kind}: {error}") from None
