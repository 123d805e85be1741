"""What callers name things is text within Markdown, whatever Markdown would make of it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from lifecycle.shared.markdown import literal


def spans(line: str) -> list[tuple[str, str]]:
    """What a line of Markdown holds: kinds of span, with their text."""
    inline = MarkdownIt("js-default").parse(line)[1]
    return [(span.type, span.content) for span in inline.children or ()]


@pytest.mark.parametrize(
    "text",
    [
        "[sign in](https://evil.example/login)",
        "<img src=https://evil.example/x>",
        # These are links in the Markdown of GitHub, which Temporal's UI renders.
        "https://evil.example",
        "www.evil.example",
        "a@evil.example",
        "`` ` ``",
        "**x**",
        "&lt;",
        "\\",
    ],
)
def test_what_markdown_would_take_for_its_own_is_code(text: str) -> None:
    assert spans(f"order {literal(text)}") == [("text", "order "), ("code_inline", text)]


@given(st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"]), min_size=1, max_size=40).filter(str.strip))
def test_any_text_stays_what_it_is(text: str) -> None:
    found = spans(f"order {literal(text)}, 1 unit")
    assert "".join(part for _, part in found) == f"order {' '.join(text.split())}, 1 unit"
    assert {kind for kind, _ in found} <= {"text", "code_inline"}


@pytest.mark.parametrize("usual", ["SO-5501", "SHOE-42", "1-1", "R-1001", "the repair of 1-1"])
def test_usual_ids_read_as_they_are(usual: str) -> None:
    assert literal(usual) == usual
