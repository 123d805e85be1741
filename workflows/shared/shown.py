"""What Temporal's lists and UI show of a run."""

from typing import Any

from temporalio import workflow

from client.search_attributes import KEYS, changes


class Shown:
    """Remembers what is shown, so that only what has changed is written."""

    def __init__(self) -> None:
        attributes = workflow.info().typed_search_attributes
        self._columns = {key.name: attributes.get(key) for key in KEYS}
        self._memo: dict[str, Any] = {}

    def columns(self, wanted: dict[str, Any]) -> None:
        """The search attributes, by name."""
        if updates := changes(self._columns, wanted):
            workflow.upsert_search_attributes(updates)
            self._columns = wanted

    def memo(self, wanted: dict[str, Any]) -> None:
        """What lists show besides."""
        if wanted != self._memo:
            workflow.upsert_memo({key: value for key, value in wanted.items() if value != self._memo.get(key)})
            self._memo = wanted
