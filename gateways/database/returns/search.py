"""Finds returns by anything that somebody may have of them: written as returns open, read by every list."""

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Final

from sqlalchemy import ColumnElement, Connection, and_, bindparam, delete, desc, func, or_, select

from gateways.database.orders import order_names
from gateways.database.returns import search_words
from gateways.database.returns.search_words import PERSONAL, beginnings, folded, most_alike, spellings_of, words_typed
from gateways.database.statements import insert_all_new
from gateways.database.tables.returns import codes, returns
from gateways.database.tables.search import listings, name_trigrams, search_terms
from lifecycle.contract.request import ReturnRequest
from lifecycle.contract.scanned_codes import folded as folded_code

#: Returns that are looked at one by one; what leads to more is met soon in the order of all.
FEW: Final = 2000
#: Words of names that share most with a misspelt one.
_CANDIDATES: Final = 200
_LED = select(search_terms.c.return_id).distinct()
_ALIKE = (
    select(name_trigrams.c.word)
    .where(name_trigrams.c.trigram.in_(bindparam("trigrams", expanding=True)))
    .group_by(name_trigrams.c.word)
    .order_by(desc(func.count()), name_trigrams.c.word)
    .limit(_CANDIDATES)
)


@dataclass
class Found:
    """What a search leads to: ``few`` returns, or None, and what holds of the rest: the terms of ``common`` words.

    ``other`` holds of them too. ``instead`` has the words that were taken for each that nothing is known by.
    """

    few: set[str] | None = None
    common: list[ColumnElement[bool]] = field(default_factory=list)
    other: list[ColumnElement[bool]] = field(default_factory=list)
    instead: dict[str, list[str]] = field(default_factory=dict)

    def narrow(self, ids: set[str]) -> None:
        """It has to be one of these."""
        self.few = ids if self.few is None else self.few & ids


def keep_terms(connection: Connection, return_id: str, request: ReturnRequest) -> None:
    """Remember what leads to a return that is being opened; again is harmless."""
    terms = sorted(search_words.terms_of(return_id, request))
    rows = [{"kind": kind, "term": term, "return_id": return_id} for kind, term in terms]
    connection.execute(insert_all_new(search_terms, connection.dialect.name), rows)
    # In one order everywhere: two returns that bring the same new word wait for each other, never in a circle.
    words = [term for kind, term in terms if kind == "name"]
    spelt = sorted((trigram, word) for word in words for trigram in search_words.trigrams(word))
    if spelt:
        new = [{"trigram": trigram, "word": word} for trigram, word in spelt]
        connection.execute(insert_all_new(name_trigrams, connection.dialect.name), new)


def forget_terms(connection: Connection, return_ids: Collection[str]) -> None:
    """Drop what is personal of these returns; a word that leads to nobody any more goes as well."""
    theirs = and_(search_terms.c.return_id.in_(return_ids), search_terms.c.kind.in_(PERSONAL))
    named = select(search_terms.c.term).where(search_terms.c.kind == "name")
    words = set(connection.execute(named.where(search_terms.c.return_id.in_(return_ids))).scalars())
    connection.execute(delete(search_terms).where(theirs))
    words -= set(connection.execute(named.where(search_terms.c.term.in_(words))).scalars())
    connection.execute(delete(name_trigrams).where(name_trigrams.c.word.in_(words)))


def find(connection: Connection, text: str) -> Found:
    """Those that every word of a text leads to: its beginning, or one spelt like it; a code whole, blanks or not."""
    found, words = Found(), words_typed(text)
    if not words:
        found.narrow(set())
    elif len(words) > 1 and (whole := _by_code(connection, text) or _by_id(connection, words)):
        found.narrow(whole)
    else:
        for word in words:
            _look_up(connection, word, found)
    return found


def narrow_by_order_and_customer(
    connection: Connection, found: Found, order_id: str | None, customer_id: str | None
) -> None:
    """It has to be of this order, however its id is spelt, and of this customer."""
    if order_id is not None:
        _narrow(connection, found, returns.c.order_id.in_(order_names.spellings_in(connection, order_id)))
    if customer_id is not None:
        _narrow(connection, found, returns.c.customer_id == customer_id)


def _narrow(connection: Connection, found: Found, term: ColumnElement[bool]) -> None:
    ids = set(connection.execute(select(returns.c.return_id).where(term).limit(FEW + 1)).scalars())
    if len(ids) > FEW:
        own = returns.c.return_id == listings.c.return_id
        found.other.append(select(returns.c.return_id).where(own, term).exists())
    else:
        found.narrow(ids)


def _look_up(connection: Connection, word: str, found: Found) -> None:
    terms = _among([*beginnings(spellings_of(word))])
    ids = set(connection.execute(_LED.where(terms).limit(FEW + 1)).scalars())
    if len(ids) > FEW:
        found.common.append(terms)
        return
    ids |= _by_code(connection, word)
    if not ids and (likely := _likely(connection, word)):
        found.instead[word] = likely
        names = _LED.where(_among([(name, name) for name in likely]), search_terms.c.kind == "name")
        ids = set(connection.execute(names.limit(FEW)).scalars())
    found.narrow(ids)


def _among(ranges: list[tuple[str, str]]) -> ColumnElement[bool]:
    return or_(*(search_terms.c.term.between(first, last) for first, last in ranges))


def _by_code(connection: Connection, code: str) -> set[str]:
    """Tracking codes, serial numbers and references of refunds."""
    kinds = codes.c.kind.in_(("parcel", "sent", "unit", "refund"))
    statement = select(codes.c.return_id).where(kinds, codes.c.code == folded_code(code)).limit(FEW)
    return set(connection.execute(statement).scalars())


def _by_id(connection: Connection, words: list[str]) -> set[str]:
    """Orders, returns and SKUs whose parts were typed apart: ``so 144`` is ``SO-144``."""
    if not any(sign.isdigit() for word in words for sign in word):
        return set()
    # Of whatever kind: with kinds named, PostgreSQL may look by them alone.
    terms = _among([*beginnings(folded(sign.join(words)) for sign in ("-", "_", ""))])
    return set(connection.execute(_LED.where(terms).limit(FEW)).scalars())


def _likely(connection: Connection, word: str) -> list[str]:
    spellings = spellings_of(word)
    bare = spellings[-1] if len(spellings) < 2 else spellings[1]
    known = connection.execute(_ALIKE, {"trigrams": sorted(search_words.trigrams(bare))}).scalars()
    return most_alike(bare, known)
