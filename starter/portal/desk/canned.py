"""Answers that are written once and sent often: ``canned.toml`` in the content folder, read at every page."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import structlog

from gateways.language import OWN_CONTENT
from lifecycle.support.state import CaseView

_NAME: Final = "canned.toml"
_log = structlog.get_logger("homeward.desk")


@dataclass(frozen=True)
class CannedAnswer:
    """What staff see in the list, and what they send."""

    title: str
    text: str


def canned_answers(content: Path | None) -> dict[str, CannedAnswer]:
    """All of the shop's own file, or of ours where it has none, by name; none, and an error logged, of a broken one."""
    own = content / _NAME if content else None
    file = own if own and own.is_file() else OWN_CONTENT / _NAME
    try:
        found = tomllib.loads(file.read_text(encoding="utf-8"))
        return {name: CannedAnswer(str(answer["title"]), str(answer["text"])) for name, answer in found.items()}
    except (OSError, ValueError, KeyError, TypeError) as error:
        _log.error("canned answers cannot be read", file=_NAME, error=type(error).__name__)
        return {}


def canned_text(answers: Mapping[str, CannedAnswer], name: str, case: CaseView, shop: str) -> str:
    """One of them, with what is known of the question in it; empty for none of that name."""
    if name not in answers:
        return ""
    known = {"shop": shop, "case_id": case.case_id, "return_id": case.return_id, "order_id": case.order_id}
    text = answers[name].text
    for field, value in known.items():
        text = text.replace(f"{{{field}}}", value or "")
    return text.strip()
