"""The server that an agent's program speaks to, by the Model Context Protocol over its input and output."""

from collections.abc import Callable, Sequence
from typing import Any, Final

from mcp.server.mcpserver import MCPServer
from mcp_types import ToolAnnotations

from client.http import HttpHomeward
from starter.agents.acting import Operating
from starter.agents.proposals import Proposals
from starter.agents.reading import Reading

_INSTRUCTIONS: Final = (
    "Returns of a shop. Amounts are integers in the minor unit of the currency. Nothing is done before it was quoted "
    "or proposed: show that to whoever asks, and carry it out with its `confirm` once they have agreed. What is "
    "refused comes with its reason."
)
Tool = Callable[..., Any]


def server_of(homeward: HttpHomeward, key: str | None, *, staff: bool) -> MCPServer[Any]:
    """All tools, or without those of the shop's staff; what the key opens, the API says."""
    reading, acting = Reading(homeward), Operating(homeward, Proposals(key))
    server: MCPServer[Any] = MCPServer("homeward", instructions=_INSTRUCTIONS)
    _add(server, [reading.look_up_return, reading.list_returns, reading.follow_return], changes=False)
    _add(server, [acting.quote_return, *_proposing(acting, staff=staff)], changes=False)
    _add(server, [acting.start_return, acting.carry_out], changes=True)
    return server


def _proposing(acting: Operating, *, staff: bool) -> Sequence[Tool]:
    ours: list[Tool] = [acting.propose_cancel, acting.propose_charge_answer, acting.propose_estimate_answer]
    staffs: list[Tool] = [acting.propose_approval, acting.propose_decline, acting.propose_resolution]
    return [*ours, *staffs] if staff else ours


def _add(server: MCPServer[Any], tools: Sequence[Tool], *, changes: bool) -> None:
    for tool in tools:
        server.add_tool(
            tool,
            structured_output=True,
            annotations=ToolAnnotations(read_only_hint=not changes, idempotent_hint=True, open_world_hint=False),
        )
