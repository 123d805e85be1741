"""Who of the staff looks at a page."""

from dataclasses import dataclass

from starter.shared.access_table import UPDATES, Scopes, scopes_of_roles, staff_may_open


@dataclass(frozen=True)
class Person:
    """Somebody signed in: ``name`` goes into timelines, ``id`` into logs."""

    id: int
    login: str
    name: str
    roles: tuple[str, ...]

    @property
    def scopes(self) -> Scopes:
        """What their roles are worth."""
        return scopes_of_roles(self.roles)

    def opens(self, method: str, path: str) -> bool:
        """Whether a page is theirs, by its route."""
        return staff_may_open(self.scopes, method, path)

    def may(self, update: str) -> bool:
        """Whether they may send an update, by its name in the contract; ``KeyError`` for one that there is not."""
        return bool(self.scopes & UPDATES[update])
