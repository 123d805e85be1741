"""What a return has to have done in the outside world, and how that is stored."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any

from pydantic import PlainSerializer, PlainValidator, TypeAdapter

from lifecycle.returns import commands
from lifecycle.returns.commands import ClaimUnits, ReleaseUnits, VoidLabel
from lifecycle.shared.agenda import Agenda, Command

_KINDS: dict[str, type[Command]] = {
    name: kind for name, kind in vars(commands).items() if isinstance(kind, type) and issubclass(kind, Command)
}


def _as_json(command: Command) -> dict[str, Any]:
    kind = type(command)
    return {"kind": kind.__name__, **TypeAdapter(kind).dump_python(command, mode="json")}


def _from_json(stored: Mapping[str, Any]) -> Command:
    kind = _KINDS.get(str(stored.get("kind")))
    if kind is None:
        raise ValueError(f"kind: expected a command, got {stored.get('kind')}")
    return TypeAdapter(kind).validate_python({key: stored[key] for key in stored if key != "kind"})


@dataclass
class ReturnAgenda(Agenda):
    """The commands of one return, those of outbound lanes first."""

    LANES = ("claims", "label", "loss", "goods", "money", "ask", "mail")
    queue: list[Annotated[Command, PlainSerializer(_as_json), PlainValidator(_from_json)]] = field(default_factory=list)
    #: Tracking codes that an operator named: a step's own parcel is void unless it is that one.
    kept_codes: dict[str, str] = field(default_factory=dict)

    def claim_units(self) -> None:
        """Have the units claimed, and not released."""
        self.withdraw(ClaimUnits, ReleaseUnits)
        self.add(ClaimUnits())

    def release_units(self) -> None:
        """Have the units released, and not claimed."""
        self.withdraw(ClaimUnits, ReleaseUnits)
        self.add(ReleaseUnits())

    def void_unless(self, step: str, code: str | None) -> None:
        """An operator did it themselves: what the step may have bought is void, unless it is what they name."""
        self.add(VoidLabel(step))
        if code:
            self.kept_codes[step] = code

    def take_kept_code(self, step: str) -> str | None:
        """The tracking code that its void leaves alone."""
        return self.kept_codes.pop(step, None)
