"""The words of the pages, all in one file: ``content/en/pages.toml``."""

import tomllib
from functools import cache
from typing import Any

from babel import Locale

from gateways.content import OWN_CONTENT


class UnknownText(KeyError):
    """No text has this key, or it is not a text."""


@cache
def catalogue() -> dict[str, Any]:
    """All texts, as nested tables."""
    return tomllib.loads((OWN_CONTENT / "pages.toml").read_text(encoding="utf-8"))


def t(key: str, **values: Any) -> str:
    """The text of a dotted key, with ``{name}`` replaced by the value of that name.

    One with ``one`` and ``other`` is chosen by the value of ``count``. Raises ``UnknownText``, and
    ``KeyError`` for a value that is missing. Values are escaped where the text lands in a template.
    """
    found: Any = catalogue()
    for part in key.split("."):
        found = found.get(part) if isinstance(found, dict) else None
    if isinstance(found, dict) and "count" in values:
        found = found.get(locale().plural_form(values["count"]), found.get("other"))
    if not isinstance(found, str):
        raise UnknownText(key)
    return found.format(**values)


@cache
def locale() -> Locale:
    """How numbers, money and days are written in the catalogue's language."""
    return Locale.parse(catalogue()["base"]["locale"])
