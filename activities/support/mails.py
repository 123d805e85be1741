"""A support case's mails: to whoever asked, and to those who answer."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from activities.shared.effects import StepInput
from activities.shared.formats import moment
from activities.shared.mails import Recipient, compose, key_of, operations
from gateways.database.messages.outbox import put
from lifecycle.contract.policy import Policy
from lifecycle.support.messages import SupportRequest
from lifecycle.support.rules import in_words
from lifecycle.support.state import CaseMessage, CaseView, FoundAnswer, Notice


class CaseMails:
    """Writes them with the step that causes them; ``front_door`` is where customers reach the portal."""

    def __init__(self, policy: Callable[[], Policy], front_door: str) -> None:
        self._policy = policy
        self._front_door = front_door

    def receipt(
        self,
        connection: Connection,
        given: StepInput,
        request: SupportRequest,
        found: Sequence[FoundAnswer],
        due: datetime,
        link: str,
    ) -> None:
        """The question has come, is answered when it is due, and these answers of the FAQ may fit."""
        answers = [{"title": answer.title, "url": f"{self._front_door}/help/faq/{answer.faq_id}"} for answer in found]
        answer_by = moment(due, self._policy().clock.timezone)
        values = {"answer_by": answer_by, "answers": answers, "link": link}
        self._write(connection, given, request, "support_received", values)

    def notice(
        self,
        connection: Connection,
        given: StepInput,
        request: SupportRequest,
        notice: Notice,
        view: CaseView,
        messages: Sequence[CaseMessage],
        link: str,
    ) -> None:
        """What the case has to say, with the text of the message that it is about."""
        said = {message.message_id: message.text for message in messages}
        closed = next((entry for entry in reversed(view.timeline) if entry.event == "closed"), None)
        values = {
            "link": link,
            "queue": view.queue.value,
            "address": in_words(view.address),
            "text": said.get(notice.message_id or "", ""),
            "return_id": view.became_return,
            "silent": closed is not None and closed.by == "engine",
            "reason": closed.detail if closed else None,
        }
        self._write(connection, given, request, notice.template, values)

    def _write(
        self, connection: Connection, given: StepInput, request: SupportRequest, template: str, values: dict[str, Any]
    ) -> None:
        shop = self._policy().shop
        known = {"case_id": request.case_id, "shop_name": shop.name, "order_id": request.order_id}
        to = operations(shop) if template == "support_escalated" else Recipient(request.email, "")
        key = key_of(given.return_id, given.step, template)
        put(connection, compose(template, known | values, to, record=given.return_id, key=key, at=given.now))
