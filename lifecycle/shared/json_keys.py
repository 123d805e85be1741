"""Objects in JSON name each key once."""

from collections.abc import Sequence
from typing import Any


class RepeatedKey(ValueError):
    """A key stands twice in one object; the message names it."""


def once(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    """An ``object_pairs_hook`` of ``json.loads``; raises ``RepeatedKey``.

    RFC 8259 (section 4) leaves open which of the two counts: whoever reads the text next to us, such as whoever
    signed it, may take the other.
    """
    found = dict(pairs)
    if len(found) != len(pairs):
        keys = [key for key, _ in pairs]
        repeated = next(key for key in keys if keys.count(key) > 1)
        raise RepeatedKey(f"{repeated} stands twice in one object")
    return found
