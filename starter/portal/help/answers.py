"""Questions and answers: all of them, those that fit some words, and each on a page of its own."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from itertools import groupby
from typing import Annotated, Final
from uuid import uuid4

from fastapi import APIRouter, HTTPException, Query, Request
from fastapi.responses import RedirectResponse, Response

from gateways.database.rates import Limit
from gateways.database.support.faq import count_ended, count_shown
from gateways.database.support.faq_misses import count_misses
from gateways.errors import Unavailable
from starter.portal.help.markdown import prose
from starter.portal.shared.forms import FormDep, field
from starter.portal.shared.pages import page
from starter.portal.shared.throttle import throttled
from starter.shared.networks import network_of
from starter.shared.services import ServicesDep

router = APIRouter()
_LONGEST_ID: Final = 64
#: Whoever says that answers helped is believed, but not by the thousand: staff read these figures.
_FROM_ONE_NETWORK: Final = Limit("answers that helped", 30, timedelta(minutes=1))


@router.get("/help")
async def search(request: Request, services: ServicesDep, q: Annotated[str, Query(max_length=2000)] = "") -> Response:
    """The answers by topic, or those that have to do with what is looked for."""
    if q.strip():
        found = await services.faq.search(q)
        if not found:
            with suppress(Unavailable):  # not worth failing a page for
                await count_misses(services.db, q)
        return page(request, "help/found.html", q=q, found=found)
    every = await services.faq.all()
    topics = [(topic, list(some)) for topic, some in groupby(every, key=lambda answer: answer.topic)]
    return page(request, "help/index.html", q=q, topics=topics)


@router.get("/help/faq/{faq_id}")
async def show(faq_id: str, request: Request, services: ServicesDep) -> Response:
    """One answer, and whether it was one."""
    answer = await services.faq.one(faq_id)
    if answer is None:
        raise HTTPException(404)
    await count_shown(services.db, [faq_id])
    return page(request, "help/answer.html", answer=answer, text=prose(answer.text), question_id=uuid4().hex)


@router.post("/help/faq/{faq_id}/answered")
async def answered(faq_id: str, request: Request, services: ServicesDep, form: FormDep) -> Response:
    """It was; counted once for each time that the page was shown."""
    question_id = field(form, "question")
    if not 0 < len(question_id) <= _LONGEST_ID or await services.faq.one(faq_id) is None:
        raise HTTPException(422)
    await throttled(services.db, [(_FROM_ONE_NETWORK, (network_of(request),))])
    await count_ended(services.db, question_id, faq_id, datetime.now(UTC))
    return RedirectResponse("/help/answered", 303)


@router.get("/help/answered")
async def thanks(request: Request) -> Response:
    """Nothing more is needed."""
    return page(request, "help/answered.html")
