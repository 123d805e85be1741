"""How long to wait before something is tried again."""

from datetime import timedelta

#: By then every longest wait is reached; more would not fit into a ``timedelta``.
_MOST_TIMES = 20


def doubled(first: timedelta, longest: timedelta, times: int) -> timedelta:
    """The first wait, doubled so many times, and never more than the longest."""
    wait: timedelta = first * 2 ** min(times, _MOST_TIMES)
    return min(wait, longest)
