"""What Temporal's lists and UI show of a run."""

from typing import Any

from temporalio import workflow

from client.search_attributes import ATTENTION, KEYS, STATUS, changes

#: What a line of the log says of a change.
_LOGGED = {"status": STATUS.name, "attention": ATTENTION.name}


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
            told = {
                word: wanted.get(name) for word, name in _LOGGED.items() if wanted.get(name) != self._columns.get(name)
            }
            if told:
                workflow.logger.info("status_changed", extra=told)
            self._columns = wanted

    def memo(self, wanted: dict[str, Any]) -> None:
        """What lists show besides."""
        if wanted != self._memo:
            workflow.upsert_memo({key: value for key, value in wanted.items() if value != self._memo.get(key)})
            self._memo = wanted
