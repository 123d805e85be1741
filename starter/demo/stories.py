"""What happens to each of the example requests: one story per file in ``examples/``."""

from collections.abc import Awaitable, Callable
from inspect import iscoroutinefunction

from starter.demo import handover, refunds, repairs, replacements
from starter.demo.story import Story

#: Every story that is told in these files, in their order.
STORIES: dict[str, Callable[[Story], Awaitable[None]]] = {
    name: story
    for told in (refunds, handover, replacements, repairs)
    for name, story in vars(told).items()
    if iscoroutinefunction(story) and not name.startswith("_")
}
