"""Arguments and options that several commands have."""

from collections.abc import Callable, Iterable
from enum import Enum
from typing import Any, TypeVar, get_args
from uuid import uuid4

import click

from lifecycle.contract.messages import AttentionAction
from lifecycle.contract.orders.customer import id_of
from lifecycle.shared.lengths import seconds_of

E = TypeVar("E", bound=Enum)
Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]

return_id = click.argument("return_id")
#: A customer's id; `guest:` and a mail address names who bought without one.
customer = click.argument("customer", callback=lambda _, __, customer: id_of(customer))
#: How a step that failed for good is answered; see ``ResolveAttention``.
ACTION = click.Choice(get_args(AttentionAction))
action = click.argument("action", type=ACTION)
reference = click.option("--reference", default=None, help="What the step gave when it was done by hand.")
step = click.option("--step", default=None, help="Which step; the one waiting longest when left out.")
why = click.option("--why", required=True, help="For whoever looks at it later.")
limit = click.option("--limit", type=click.IntRange(1, 10_000), default=100, show_default=True)


def by(default: str, shown: str = "Who did it; goes into the timeline.") -> Decorator:
    """``--by``, who did it."""
    return click.option("--by", default=default, show_default=True, help=shown)


def repeatable_id(*names: str, shown: str = "Makes a repeat harmless; made up when left out.") -> Decorator:
    """The id of what is recorded; one is made up where none is given."""

    def given_or_made_up(_context: click.Context, _parameter: click.Parameter, given: str) -> str:
        return given or uuid4().hex[:12]

    return click.option(*names, default="", help=shown, callback=given_or_made_up)


class OneOf(click.Choice[E]):
    """One of an enum's values, given to the command as its member."""

    def __init__(self, members: Iterable[E]) -> None:
        super().__init__(members)

    def normalize_choice(self, choice: object, ctx: click.Context | None) -> str:
        """See click, which would take the member's name."""
        return super().normalize_choice(choice.value if isinstance(choice, Enum) else choice, ctx)


class _Length(click.ParamType[float]):
    """A length of time as Temporal's own commands take it: 90s, 1h30m."""

    name = "length"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        if isinstance(value, float):
            return value
        try:
            return seconds_of(value)
        except ValueError as error:
            self.fail(str(error), param, ctx)


#: A length of time in seconds, typed as ``90s`` or ``1h30m``.
LENGTH = _Length()
