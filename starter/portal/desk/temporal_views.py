"""Lists of Temporal's own pages that are worth keeping: what an operator looks for there, as links."""

from typing import Final
from urllib.parse import quote

from client.names import RETURN
from client.search_attributes import ATTENTION, ESCALATED, STATUS
from lifecycle.contract.statuses import Status
from lifecycle.returns.views.status import UNSETTLED

_OPEN: Final = f"WorkflowType = '{RETURN}' AND ExecutionStatus = 'Running'"
#: By name: those that wait for an operator, those past their target, and one list for each status of an open return.
VIEWS: Final = {
    "attention": f"{_OPEN} AND {ATTENTION.name} IS NOT NULL",
    "late": f"{_OPEN} AND {ESCALATED.name} = true",
    **{status.value: f"{_OPEN} AND {STATUS.name} = '{status.value}'" for status in Status if status in UNSETTLED},
}


def temporal_views(ui: str | None, namespace: str) -> dict[str, str]:
    """The address of each, by name; none where nobody has said where Temporal's pages are."""
    if not ui:
        return {}
    return {name: f"{ui}/namespaces/{namespace}/workflows?query={quote(query)}" for name, query in VIEWS.items()}
