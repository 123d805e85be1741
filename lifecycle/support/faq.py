"""The FAQ: one answer for each question, and the words that a search looks for."""

import re
from collections.abc import Collection
from difflib import get_close_matches
from typing import Annotated

from pydantic import BaseModel, Field

from lifecycle.contract.texts import Words

#: What is read of a question: the sense of a longer one lies in its beginning.
_CHARACTERS, _WORDS = 2000, 40
_WORD = re.compile(r"[^\W_]+")
#: Shorter words are too much alike to be taken for one another.
_LONG_ENOUGH = 4
_LIKENESS = 0.8


class FaqAnswer(BaseModel):
    """One question with its answer; ``text`` is Markdown, ``keywords`` the words that people use for it."""

    faq_id: str
    topic: Words
    title: Words
    keywords: str = ""
    text: Annotated[str, Field(min_length=1)]


def words_of(text: str, empty: Collection[str]) -> list[str]:
    """The words of a text but the ``empty`` ones, which tell nothing, in small letters, each once."""
    found = (word for word in _WORD.findall(text[:_CHARACTERS].lower()) if len(word) > 1 and word not in empty)
    return list(dict.fromkeys(found))[:_WORDS]


def spelled_as_known(words: Collection[str], known: Collection[str]) -> list[str]:
    """The words, each that is not known replaced by the one it is most like, where there is one."""
    found = []
    for word in words:
        if len(word) >= _LONG_ENOUGH and word not in known:
            # A slip of the finger seldom hits the first letter; "pair" is no "repair".
            alike = get_close_matches(word, [other for other in known if other[0] == word[0]], 1, _LIKENESS)
            found.append(alike[0] if alike else word)
        else:
            found.append(word)
    return list(dict.fromkeys(found))
