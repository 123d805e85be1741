"""What waits to be done in the outside world; the workflow carries it out."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, TypeVar

from pydantic import PlainSerializer, PlainValidator, TypeAdapter

from lifecycle.returns.commands import ClaimUnits, Command, OutboundCommand, ReleaseUnits, VoidLabel

Kind = TypeVar("Kind", bound=Command)
#: In what order lanes begin that have work at the same time, after those of outbound commands: histories hold it.
_LANES = ("claims", "label", "loss", "goods", "money", "ask", "mail")


def _as_json(command: Command) -> dict[str, Any]:
    kind = type(command)
    return {"kind": kind.__name__, **TypeAdapter(kind).dump_python(command, mode="json")}


def _from_json(stored: Mapping[str, Any]) -> Command:
    kinds = {kind.__name__: kind for base in (Command, OutboundCommand) for kind in base.__subclasses__()}
    if stored.get("kind") not in kinds:
        raise ValueError(f"kind: expected a command, got {stored.get('kind')}")
    return TypeAdapter(kinds[stored["kind"]]).validate_python({key: stored[key] for key in stored if key != "kind"})


@dataclass
class Agenda:
    """The commands that are not done yet, those under way among them, in the order in which they came up."""

    queue: list[Annotated[Command, PlainSerializer(_as_json), PlainValidator(_from_json)]] = field(default_factory=list)
    #: Tracking codes that an operator named: a step's own parcel is void unless it is that one.
    kept_codes: dict[str, str] = field(default_factory=dict)

    def add(self, command: Command) -> None:
        """Have it done, after what waits in its lane; a standing command that waits already says it all."""
        if not (command.standing and command in self.queue):
            self.queue.append(command)

    def withdraw(self, *kinds: type[Command]) -> None:
        """Nothing of these kinds is to be done any more; what is under way goes on to its end."""
        self.queue = [command for command in self.queue if not isinstance(command, kinds)]

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

    def waiting(self, kind: type[Kind]) -> list[Kind]:
        """The commands of that kind that are not done yet, in order."""
        return [command for command in self.queue if isinstance(command, kind)]

    def has(self, *kinds: type[Command]) -> bool:
        """Whether any of these kinds is not done yet."""
        return any(isinstance(command, kinds) for command in self.queue)

    @property
    def busy(self) -> bool:
        """Whether anything waits to be done, or is being done."""
        return bool(self.queue)

    @property
    def lanes(self) -> list[str]:
        """The lanes that have work, in the order in which they begin."""
        lanes = dict.fromkeys(command.lane for command in self.queue)
        return sorted(lanes, key=lambda lane: _LANES.index(lane) if lane in _LANES else -1)

    def next(self, lane: str) -> Command | None:
        """What is to be done next in this lane; it stays on the agenda until it is ``done``."""
        mine = [command for command in self.queue if command.lane == lane]
        return min(mine, key=lambda command: command.standing, default=None)

    def done(self, command: Command) -> None:
        """It has been carried out; a standing command stays until it is withdrawn."""
        if not command.standing and command in self.queue:
            self.queue.remove(command)
