"""What a provider of OpenID Connect says of somebody, as an account: who they are, their name, their roles."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, get_args

from starter.shared.staff_names import is_name
from workers.setting_values import StaffRole

#: Characters of a subject; OpenID Connect allows as many (Core, section 2).
_LONGEST_SUBJECT: Final = 255
#: Claims that may name somebody, the best first.
_NAMES: Final = ("name", "preferred_username", "email", "sub")


@dataclass(frozen=True)
class Claimed:
    """Somebody whom the provider has shown; without ``roles`` nothing opens."""

    subject: str
    name: str
    roles: tuple[str, ...]


def claimed(claims: Mapping[str, Any], at: str, roles: Mapping[str, Sequence[StaffRole]]) -> Claimed | None:
    """Read claims: ``at`` names the one with the roles, ``roles`` what each of its values is worth.

    None for somebody without a usable subject or name.
    """
    subject = claims.get("sub")
    names = (" ".join(str(claims[name]).split()) for name in _NAMES if claims.get(name))
    name = next(filter(is_name, names), None)
    if not isinstance(subject, str) or not 0 < len(subject) <= _LONGEST_SUBJECT or name is None:
        return None
    return Claimed(subject, name, _roles(value_at(claims, at), roles))


def value_at(claims: Mapping[str, Any], at: str) -> Any:
    """The claim of this name, else what its parts lead to, as in ``realm_access.roles``; None where there is none."""
    if at in claims:
        return claims[at]
    first, dot, rest = at.partition(".")
    inner = claims.get(first)
    return value_at(inner, rest) if dot and isinstance(inner, Mapping) else None


def _roles(value: Any, known: Mapping[str, Sequence[StaffRole]]) -> tuple[str, ...]:
    values = value.split() if isinstance(value, str) else value if isinstance(value, list) else []
    worth = known or {role: (role,) for role in get_args(StaffRole)}
    return tuple(sorted({role for one in values if isinstance(one, str) for role in worth.get(one, ())}))
