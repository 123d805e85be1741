"""Mails: composed here, all of them, and written into the outbox in the transaction of what causes them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from pydantic_core import to_jsonable_python

from activities.shared.formats import day_of, window
from gateways.database import ledger
from gateways.database.messages.outbox import OutboxMail
from gateways.language import OWN_CONTENT
from lifecycle.contract.policy import Shop

_GAP = re.compile(r"\n{3,}")


@cache
def _templates() -> Environment:
    """Mails are plain text; a name missing from a template's values is an error."""
    env = Environment(  # noqa: S701 - plain text has nothing to escape
        loader=FileSystemLoader(OWN_CONTENT / "mails"), undefined=StrictUndefined, trim_blocks=True
    )
    env.filters |= {"window": window, "day": day_of}
    return env


@cache
def _template(name: str) -> Template:
    return _templates().get_template(f"{name}.txt")


def render(template: str, values: Mapping[str, Any]) -> tuple[str, str]:
    """``(subject, text)`` of a template, whose first line is ``Subject: ...``."""
    head, _, text = _template(template).render(values).partition("\n\n")
    # A part that is left out leaves its blank lines behind.
    return head.removeprefix("Subject: ").strip(), _GAP.sub("\n\n", text.rstrip()) + "\n"


@dataclass(frozen=True)
class Recipient:
    """Who a mail goes to; ``name`` may be empty."""

    address: str
    name: str


def operations(shop: Shop) -> Recipient:
    """The shop's own staff."""
    return Recipient(shop.operations_mail, shop.name)


def compose(
    template: str,
    values: Mapping[str, Any],
    to: Recipient,
    *,
    record: str,
    key: str,
    at: datetime,
    due: datetime | None = None,
    label_of: str | None = None,
) -> OutboxMail:
    """The mail that a template makes of its values.

    Mails of one ``record``, a return's id or what stands for it, go out in order; ``key`` tells a repeat. It goes out
    when it is ``due``, or at once. ``label_of`` is the tracking code whose label goes with it.
    """
    subject, text = render(template, values)
    return OutboxMail(
        key=key,
        return_id=record,
        to=to.address,
        recipient_name=to.name,
        template=template,
        subject=subject,
        text=text,
        at=at,
        label_of=label_of,
        next_attempt_at=due,
        data=to_jsonable_python(values),
    )


def key_of(record: str, step: str, template: str) -> str:
    """The key of a mail that a step causes."""
    return f"{ledger.key(record, step)}/{template}"
