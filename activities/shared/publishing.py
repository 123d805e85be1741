"""News of a return on its way out: taken along by its steps, or brought by a step of its own."""

from pydantic import BaseModel
from temporalio import activity

#: The header in which a step takes news along; whatever step it is, its worker keeps them before it begins.
NEWS_HEADER = "homeward-news"


class PublishInput(BaseModel):
    """The step's name; the news themselves are in its header."""

    return_id: str
    step: str


class PublishingActivities:
    """The step for news that no other step takes along."""

    @activity.defn
    async def publish(self, given: PublishInput) -> None:
        """Nothing besides the news, which the worker has kept when this begins."""
