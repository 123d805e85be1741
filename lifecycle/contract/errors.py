"""What the lifecycle refuses, each with a reason that an operator can act on."""

from collections.abc import Sequence
from typing import Self

from pydantic_core import PydanticCustomError


class InvalidRequest(ValueError):
    """Input that is not what the contract says.

    ``problems`` holds ``(field, what was expected)`` pairs; the message joins them.
    """

    def __init__(self, problems: Sequence[tuple[str, str]]) -> None:
        self.problems = list(problems)
        super().__init__("; ".join(f"{field}: {text}" for field, text in self.problems))

    @classmethod
    def read(cls, message: str) -> Self:
        """The error whose message this is, as an activity's failure brings it."""
        parts = (part.partition(": ") for part in message.split("; "))
        return cls([(field, text) for field, _, text in parts])


def problem(field: str, expected: str) -> PydanticCustomError:
    """What a validator of a whole model raises for one of its fields."""
    return PydanticCustomError("contract", "expected {expected}", {"field": field, "expected": expected})


class Refused(Exception):
    """A message that the state of the return does not allow; nothing has changed."""
