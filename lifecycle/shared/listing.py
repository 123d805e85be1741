"""In which order lists of returns are given."""

from enum import StrEnum


class Sort(StrEnum):
    """By when they were opened, or by what the goods cost, the dearest first."""

    NEWEST = "newest"
    OLDEST = "oldest"
    VALUE = "value"
