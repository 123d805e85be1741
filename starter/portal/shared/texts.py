"""The words of the pages: ``content/en/pages.toml``, and what they say of one subject in a file beside it."""

from typing import Any

from gateways.language import text, texts


def catalogue() -> dict[str, Any]:
    """All texts, as nested tables."""
    return texts("pages")


def t(key: str, **values: Any) -> str:
    """The text of a dotted key (``gateways.language.text``).

    Values are escaped where the text lands in a template.
    """
    return text("pages", key, **values)
