"""What falls due for many at once, done by each a little earlier, at a moment of its own."""

from datetime import datetime, timedelta
from zlib import crc32


def spread(identity: str, before: datetime, over: timedelta) -> datetime:
    """A moment within the time that ends with ``before``, to the second: the same whenever it is asked for.

    It comes after the beginning of that time, and is ``before`` at the latest; those of many are spread evenly.
    """
    return before - timedelta(seconds=crc32(identity.encode()) % int(over.total_seconds()))
