"""In which order lists of returns are given."""

from enum import StrEnum


class Sort(StrEnum):
    """By when they were opened; by what the goods cost, the dearest first; by their last change, the earliest first."""

    NEWEST = "newest"
    OLDEST = "oldest"
    VALUE = "value"
    UPDATED = "updated"
