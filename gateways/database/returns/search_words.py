"""How what is typed into a search meets what a return is known by: both are folded the same way."""

import unicodedata
from collections.abc import Iterable, Iterator
from difflib import SequenceMatcher
from typing import Final

from lifecycle.contract.order_ids import order_key
from lifecycle.contract.request import ReturnRequest

#: Kinds of words that say who a customer is.
PERSONAL: Final = ("name", "mail")
#: Shorter beginnings lead to too much; whole words may be shorter.
_SHORTEST_BEGINNING: Final = 3
#: How alike a word is to the misspelt one, from 0 to 1 (Ratcliff and Obershelp), and by how much others may be less so.
_ALIKE: Final = 0.7
_NEARLY_AS_GOOD: Final = 0.08
#: Words of one search: each is looked up.
_MOST_WORDS: Final = 8
_LONGEST: Final = 254
#: Behind every word that begins the same way.
_LAST_SIGN: Final = "\U0010ffff"


def folded(text: str) -> str:
    """Without case, accents and blanks: ``folded("Müller ")`` is ``muller``."""
    signs = unicodedata.normalize("NFKD", text.casefold())
    return "".join(sign for sign in signs if not unicodedata.combining(sign) and not sign.isspace())[:_LONGEST]


def words_of_name(name: str) -> set[str]:
    """Each word of a name, one of several parts also by its parts: ``O'Brien-Lee`` is obrienlee, o, brien and lee."""
    found = set[str]()
    for word in map(folded, name.split()):
        parts = "".join(sign if sign.isalnum() else " " for sign in word).split()
        found |= {"".join(parts), *parts}
    return found - {""}


def terms_of(return_id: str, request: ReturnRequest) -> set[tuple[str, str]]:
    """``(kind, term)`` of all that leads to a return."""
    customer = request.order.customer
    skus = {request.order.line(item.line_id).sku for item in request.items}
    skus |= {item.sku for item in request.exchange_for or ()}
    found = {
        ("id", folded(return_id)),
        ("order", order_key(request.order.order_id)),
        ("mail", folded(customer.email or "")),
    }
    found |= {("sku", folded(sku)) for sku in skus}
    return {(kind, term) for kind, term in found | {("name", word) for word in words_of_name(customer.name)} if term}


def words_typed(text: str) -> list[str]:
    """The words of a search, as they were typed."""
    return text.replace("\0", " ").split()[:_MOST_WORDS]


def spellings_of(word: str) -> list[str]:
    """What a typed word may stand as among the terms."""
    plain = folded(word)
    bare = "".join(sign for sign in plain if sign.isalnum())
    return [spelling for spelling in dict.fromkeys((plain, bare, order_key(word))) if spelling]


def beginnings(words: Iterable[str]) -> Iterator[tuple[str, str]]:
    """The range of terms, both ends included, that begin with each word; a very short one is a whole term."""
    for word in words:
        yield word, word + _LAST_SIGN if len(word) >= _SHORTEST_BEGINNING else word


def trigrams(word: str) -> set[str]:
    """Each three signs in a row, with the word's ends: ``trigrams("lee")`` has ``  l`` and ``ee ``."""
    padded = f"  {word} "
    return {padded[start : start + 3] for start in range(len(padded) - 2)}


def most_alike(word: str, known: Iterable[str]) -> list[str]:
    """Those of the known words that somebody may have meant, the likeliest first."""
    scored = sorted(((SequenceMatcher(None, word, one).ratio(), one) for one in known), reverse=True)
    best = scored[0][0] if scored else 0
    return [one for score, one in scored if score >= max(_ALIKE, best - _NEARLY_AS_GOOD)]
