"""The FAQ's Markdown as HTML. HTML in it is shown as it is written, and only links that lead somewhere are links."""

from typing import Final

from markdown_it import MarkdownIt
from markupsafe import Markup

_MARKDOWN: Final = MarkdownIt("commonmark", {"html": False})


def prose(text: str) -> Markup:
    """A page's own HTML; whatever the text holds, no tag of it is taken over."""
    return Markup(_MARKDOWN.render(text))  # noqa: S704 - markdown-it escapes everything that is not Markdown
