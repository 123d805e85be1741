"""Where the words are that people read: texts of pages, templates of mails, the FAQ; a folder for each language."""

import tomllib
from functools import cache
from pathlib import Path
from typing import Any, Final

from babel import Locale

#: What the project itself brings along, beside its packages, in the language in use.
OWN_CONTENT: Final = Path(__file__).parent.parent / "content" / "en"

#: What pages and mails say of one subject stands in a file for each, so that a new one of its kind is one more block.
SUBJECTS: Final = ("resolutions", "grades", "fees", "tenders", "desk", "operations")


class UnknownText(KeyError):
    """No text has this key, or it is not a text."""


@cache
def texts(name: str) -> dict[str, Any]:
    """All texts of a file of the content folder, as nested tables: of ``pages``, ``mails/words`` or ``language``.

    Pages and mails have those of the subjects too, which stand there under ``pages`` and ``mails``.
    """
    found = _read(name)
    for subject in SUBJECTS:
        found = _joined(found, _read(subject).get(name.partition("/")[0], {}))
    return found


@cache
def mail_names() -> frozenset[str]:
    """The mails that there are, by the names of their templates; what only others include is none."""
    folder = OWN_CONTENT / "mails"
    return frozenset(path.stem for path in folder.glob("*.txt") if path.read_text().startswith("Subject: "))


@cache
def _read(name: str) -> dict[str, Any]:
    return tomllib.loads((OWN_CONTENT / f"{name}.toml").read_text(encoding="utf-8"))


def _joined(one: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    """Both, table by table."""
    return one | {
        key: _joined(one.get(key, {}), value) if isinstance(value, dict) else value for key, value in other.items()
    }


def text(name: str, key: str, /, **values: Any) -> str:
    """A file's text of a dotted key, with ``{name}`` replaced by the value of that name.

    One with ``one`` and ``other`` is chosen by the value of ``count``. Raises ``UnknownText``, and
    ``KeyError`` for a value that is missing.
    """
    found: Any = texts(name)
    for part in key.split("."):
        found = found.get(part) if isinstance(found, dict) else None
    if isinstance(found, dict) and "count" in values:
        found = found.get(locale().plural_form(values["count"]), found.get("other"))
    if not isinstance(found, str):
        raise UnknownText(key)
    return found.format(**values)


@cache
def locale() -> Locale:
    """How numbers, money and days are written in the language in use."""
    return Locale.parse(texts("language")["locale"])
