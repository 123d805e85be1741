"""The FAQ: searched, or all of it."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from gateways.database.support.faq import count_shown
from lifecycle.support.faq import FaqAnswer
from starter.api.shared.api_keys import authenticate
from starter.api.shared.bodies import answers, json_of
from starter.api.shared.problems import ALWAYS, INVALID
from starter.shared.services import Services, ServicesDep

router = APIRouter(prefix="/v1/faq", tags=["support"])

ANSWER = {
    "faq_id": "print-label",
    "title": "I have no printer, or I lost my label",
    "text": "Your label is always on the page of your return.",
    "url": "https://shop.example.com/help/faq/print-label",
}


class Answer(BaseModel):
    """A question with its answer; ``text`` is Markdown, ``url`` its page in the portal."""

    faq_id: str
    title: str
    text: str
    url: str


class FaqAnswers(BaseModel):
    """Those that fit, the best first."""

    answers: list[Answer]


class Search(BaseModel):
    """What to look for; without ``q`` all answers are given."""

    model_config = ConfigDict(extra="forbid")

    q: Annotated[str, Field(max_length=2000, description="The question in a customer's own words.")] = ""
    limit: Annotated[int, Field(ge=1, le=100)] = 20


def answers_of(services: Services, found: list[FaqAnswer]) -> list[Answer]:
    """As the API shows them."""
    return [
        Answer(
            faq_id=answer.faq_id,
            title=answer.title,
            text=answer.text,
            url=f"{services.settings.front_door}/help/faq/{answer.faq_id}",
        )
        for answer in found
    ]


@router.get(
    "",
    **answers(FaqAnswers, {"answers": [ANSWER]}, "What fits, the best first.", *ALWAYS, INVALID),
    dependencies=[Depends(authenticate)],
)
async def search_faq(search: Annotated[Search, Query()], services: ServicesDep) -> Response:
    """Look up answers; the shop's own words, with the policy in force."""
    if not search.q.strip():
        return json_of(FaqAnswers(answers=answers_of(services, (await services.faq.all())[: search.limit])))
    found = await services.faq.search(search.q, search.limit)
    await count_shown(services.db, [answer.faq_id for answer in found])
    return json_of(FaqAnswers(answers=answers_of(services, found)))
