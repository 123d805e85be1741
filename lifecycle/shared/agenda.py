"""What waits to be done in the outside world: commands, which the workflow carries out lane by lane."""

from dataclasses import dataclass, field
from typing import ClassVar, TypeVar


@dataclass(frozen=True, eq=False)
class Command:
    """One thing to do; the commands of one lane are carried out one after another."""

    #: It is on the agenda once at most, behind the others of its lane, until what came of it withdraws it.
    standing: ClassVar[bool] = False
    #: What came of it may bring the next step: conclusions are drawn after each, not only once its lane is empty.
    leads_on: ClassVar[bool] = False

    @property
    def lane(self) -> str:
        """What must not overtake it, or be overtaken by it, shares its lane."""
        raise NotImplementedError


Kind = TypeVar("Kind", bound=Command)


@dataclass
class Agenda:
    """The commands that are not done yet, those under way among them, in the order in which they came up."""

    #: In what order lanes begin that have work at the same time, after those that are not named: histories hold it.
    LANES: ClassVar[tuple[str, ...]] = ()
    queue: list[Command] = field(default_factory=list)

    def add(self, command: Command) -> None:
        """Have it done, after what waits in its lane; a standing command that waits already says it all."""
        if not (command.standing and command in self.queue):
            self.queue.append(command)

    def withdraw(self, *kinds: type[Command]) -> None:
        """Nothing of these kinds is to be done any more; what is under way goes on to its end."""
        self.queue = [command for command in self.queue if not isinstance(command, kinds)]

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
        return sorted(lanes, key=lambda lane: self.LANES.index(lane) if lane in self.LANES else -1)

    def next(self, lane: str) -> Command | None:
        """What is to be done next in this lane; it stays on the agenda until it is ``done``."""
        mine = [command for command in self.queue if command.lane == lane]
        return min(mine, key=lambda command: command.standing, default=None)

    def done(self, command: Command) -> None:
        """It has been carried out; a standing command stays until it is withdrawn.

        The very one: its like, asked for while it was under way, is still to be done.
        """
        if not command.standing:
            self.queue = [waiting for waiting in self.queue if waiting is not command]
