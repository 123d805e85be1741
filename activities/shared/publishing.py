"""Events of a return on their way out: taken along by its steps, or published by a step of their own."""

from pydantic import BaseModel
from temporalio import activity

#: The header in which a step takes events along; whatever step it is, its worker stores them before it begins.
EVENTS_HEADER = "homeward-news"


class PublishInput(BaseModel):
    """The step's name; the events themselves are in its header."""

    return_id: str
    step: str


class PublishingActivities:
    """The step for events that no other step takes along."""

    @activity.defn
    async def publish(self, given: PublishInput) -> None:
        """Nothing besides the events, which the worker has stored when this begins."""
