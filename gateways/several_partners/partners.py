"""Several partners of one kind: each effect is asked of one, which then hears of everything about it."""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Generic, TypeVar

from gateways.database import effect_partners
from gateways.database.engine import Database
from gateways.errors import Declined, Unavailable

Port = TypeVar("Port")
Answer = TypeVar("Answer")


class Partners(Generic[Port]):
    """By name; the first is the default, to which belongs what names nobody.

    Every call raises ``Unavailable`` (``partner_missing``) where the partner that was asked is not among them.
    """

    def __init__(self, database: Database, partners: Mapping[str, Port]) -> None:
        self._database = database
        self._partners = partners
        self._default = next(iter(partners))

    def named(self, name: str) -> Port:
        """The one of that name."""
        if name not in self._partners:
            raise Unavailable(f"{name} was asked for this before, and is not set up", "partner_missing")
        return self._partners[name]

    def all(self) -> Iterable[Port]:
        """Each of them, the default first."""
        return self._partners.values()

    async def assign(self, key: str, name: str) -> Port:
        """Whom the effect with that key is asked of: ``name``, unless another one was before."""
        return self.named(await effect_partners.assign(self._database, key, name))

    async def asked(self, key: str) -> Port:
        """Whom the effect with that key was asked of."""
        return self.named(await effect_partners.asked(self._database, key) or self._default)

    async def keep(self, key: str, reference: str) -> None:
        """Keep what the partner calls what it made with that key."""
        await effect_partners.keep_reference(self._database, key, reference)

    async def maker(self, reference: str) -> str:
        """The name of who made what has that reference."""
        return await effect_partners.maker(self._database, reference) or self._default

    async def about(self, reference: str, call: Callable[[Port], Awaitable[Answer]]) -> Answer:
        """What the maker of what has that reference says.

        An operator may have brought the reference: then each is asked until one knows it.
        """
        known = await effect_partners.maker(self._database, reference)
        *others, last = [known] if known else self._partners
        for name in others:
            try:
                return await call(self.named(name))
            except Declined as error:
                if error.code != "not_found":
                    raise
        return await call(self.named(last))
