"""The FAQ: read from its Markdown files, put into the database to be searched, and read again when they change.

A file is ``faq/{faq_id}.md`` in the content folder: a head of ``title``, ``topic``, ``keywords`` and ``order`` (a
number) between two lines of ``---``, then the answer, in which ``{{ policy.eligibility.window_days }}`` and the
like stand for the policy in force, ``{{ grades["C"] }}`` for what a grade means, and ``way_back_costs`` for whether any
way back costs the customer a fee.
"""

import re
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import structlog
from jinja2 import Environment, StrictUndefined, TemplateError
from pydantic import ValidationError

from gateways.database.engine import Database
from gateways.database.support import faq
from gateways.errors import GatewayError
from gateways.language import OWN_CONTENT, texts
from lifecycle.contract.policy import Policy
from lifecycle.contract.request import Method, problems
from lifecycle.returns.fees import way_back_fee
from lifecycle.support.faq import FaqAnswer
from workers.settings import SettingsError

_HEAD = re.compile(r"\A---\n(?P<head>.*?)\n---\n(?P<body>.*)\Z", re.DOTALL)
_NAME = re.compile(r"^[a-z0-9][a-z0-9-]{0,79}$")
_log = structlog.get_logger("homeward.faq")


class BrokenFaq(ValueError):
    """A file that is no answer; the message names it and what was expected."""


class FaqFiles:
    """The FAQ of one process: whatever it is asked, the files are looked at first.

    A changed file that is broken is refused: the answers in force stay, and an error is logged once for each
    change. Every call may raise ``Unavailable``.
    """

    def __init__(self, db: Database, content: Path | None, policy: Callable[[], Policy]) -> None:
        """Read the files once; raises ``SettingsError`` naming what is wrong."""
        self._db = db
        self._folder = (content or OWN_CONTENT) / "faq"
        self._policy = policy
        self._seen = self._stamp()
        self._put: object = None
        try:
            self._answers = read_answers(self._folder, policy())
        except BrokenFaq as error:
            raise SettingsError(f"HOMEWARD_CONTENT: {error}") from None

    async def put(self) -> None:
        """Have the answers in the database before anybody asks; without it they are put there at the first question."""
        with suppress(GatewayError):
            await self._refresh()

    async def best(self, question: str, limit: int = 3) -> list[FaqAnswer]:
        """The answers that fit a question best, the best first."""
        await self._refresh()
        return await faq.search(self._db, question, limit)

    async def search(self, words: str, limit: int = 20) -> list[FaqAnswer]:
        """All answers that have to do with it, the best first."""
        await self._refresh()
        return await faq.search(self._db, words, limit, mentioned=True)

    async def all(self) -> list[FaqAnswer]:
        """All answers, in their order."""
        await self._refresh()
        return await faq.all_answers(self._db)

    async def one(self, faq_id: str) -> FaqAnswer | None:
        """One answer; None when there is none."""
        return next((answer for answer in await self.all() if answer.faq_id == faq_id), None)

    async def _refresh(self) -> None:
        """Read the files again where they, or the policy that they quote, have changed; put into the database once."""
        stamp = self._stamp()
        if stamp != self._seen:
            self._seen = stamp
            try:
                self._answers = read_answers(self._folder, self._policy())
            except BrokenFaq as error:
                _log.exception("the changed FAQ is refused, the old answers stay", exc_info=error)
        answers = self._answers
        if self._put is not answers:
            await self._db.write(lambda connection: faq.replace_all(connection, answers))
            self._put = answers

    def _stamp(self) -> object:
        """What changes whenever a file or the policy does."""
        try:
            found = [(path.name, path.stat().st_mtime_ns, path.stat().st_size) for path in self._folder.glob("*.md")]
        except OSError:
            found = []
        return (sorted(found), self._policy())


def read_answers(folder: Path, policy: Policy) -> list[FaqAnswer]:
    """All answers of a folder, in their order; raises ``BrokenFaq``."""
    if not folder.is_dir():
        raise BrokenFaq(f"expected a folder {folder.name} with Markdown files in it")
    found = [_read(path, policy) for path in sorted(folder.glob("*.md"))]
    return [answer for _, answer in sorted(found, key=lambda pair: pair[0])]


def _read(path: Path, policy: Policy) -> tuple[int, FaqAnswer]:
    try:
        parts = _HEAD.match(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError):
        raise BrokenFaq(f"{path.name}: expected a text in UTF-8 that can be read") from None
    if parts is None:
        raise BrokenFaq(f"{path.name}: expected title, topic, keywords and order between two lines of ---")
    if not _NAME.match(path.stem):
        raise BrokenFaq(f"{path.name}: expected a name of small letters, digits and hyphens")
    head = dict(_entry(path, line) for line in parts["head"].splitlines() if line.strip())
    order = head.pop("order", "")
    if not order.isdecimal():
        raise BrokenFaq(f"{path.name}: order: expected a number")
    try:
        text = (
            _templates()
            .from_string(parts["body"].strip())
            .render(
                policy=policy,
                shop=policy.shop,
                grades=texts("mails/words")["worth_less"],
                way_back_costs=any(way_back_fee(policy.money, method) for method in policy.handover.methods or Method),
            )
        )
        answer = FaqAnswer.model_validate({**head, "faq_id": path.stem, "text": text}, extra="forbid")
    except ValidationError as error:
        told = "; ".join(f"{field}: {what}" for field, what in problems(error))
        raise BrokenFaq(f"{path.name}: {told}") from None
    except TemplateError as error:
        raise BrokenFaq(f"{path.name}: {error}") from None
    return int(order), answer


def _entry(path: Path, line: str) -> tuple[str, str]:
    name, colon, value = line.partition(":")
    if not colon:
        raise BrokenFaq(f"{path.name}: expected NAME: VALUE, got a line without a colon")
    return name.strip(), value.strip()


def _templates() -> Environment:
    """Markdown is text: what is escaped is decided where it becomes a page."""
    return Environment(undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)  # noqa: S701 - see above
