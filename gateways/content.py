"""Where the words are that people read: texts of pages, templates of mails, the FAQ; a folder for each language."""

import tomllib
from functools import cache
from pathlib import Path
from typing import Any, Final

from babel import Locale

#: What the project itself brings along, beside its packages, in the language in use.
OWN_CONTENT: Final = Path(__file__).parent.parent / "content" / "en"


class UnknownText(KeyError):
    """No text has this key, or it is not a text."""


@cache
def texts(name: str) -> dict[str, Any]:
    """All texts of a file of the content folder, as nested tables: of ``pages``, ``mails/words`` or ``language``."""
    return tomllib.loads((OWN_CONTENT / f"{name}.toml").read_text(encoding="utf-8"))


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
