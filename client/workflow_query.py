"""Asks Temporal's visibility for returns."""

from client.list_rows import ListFilter
from client.names import RETURN
from client.search_attributes import ATTENTION, ESCALATED, METHOD, RESOLUTION, RESOLVE_BY, STATUS
from lifecycle.returns.views.status import UNSETTLED


def query_of(wanted: ListFilter) -> str:
    """The query of Temporal's visibility that finds them."""
    terms = [f"WorkflowType = '{RETURN}'"]
    if wanted.statuses:
        statuses = ", ".join(f"'{status}'" for status in wanted.statuses)
        terms.append(f"{STATUS.name} IN ({statuses})")
    if wanted.escalated is not None:
        terms.append(f"{ESCALATED.name} = {str(wanted.escalated).lower()}")
    if wanted.resolution:
        terms.append(f"{RESOLUTION.name} = '{wanted.resolution}'")
    if wanted.method:
        terms.append(f"{METHOD.name} = '{wanted.method}'")
    if wanted.attention is not None:
        terms.append(f"{ATTENTION.name} IS {'NOT NULL' if wanted.attention else 'NULL'}")
    if wanted.running or wanted.due_before:
        terms.append("ExecutionStatus = 'Running'")
    if wanted.due_before:
        unsettled = ", ".join(f"'{status}'" for status in UNSETTLED)
        terms.append(f"{RESOLVE_BY.name} < '{wanted.due_before.isoformat()}' AND {STATUS.name} IN ({unsettled})")
    return " AND ".join(terms)
