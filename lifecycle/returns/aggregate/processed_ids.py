"""Which messages have been taken."""

from dataclasses import dataclass, field


@dataclass
class ProcessedIds:
    """Ids of the messages that have been taken, by kind; repeats are dropped."""

    receipts: set[str] = field(default_factory=set)
    inspections: set[str] = field(default_factory=set)
    events: set[str] = field(default_factory=set)
