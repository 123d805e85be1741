"""The policy in force: read from its file, and read again when the file has changed."""

from pathlib import Path

import structlog

from activities.shared.metrics import POLICY_REFUSED
from lifecycle.contract.policy import Policy, parse_policy
from workers.settings import SettingsError

_log = structlog.get_logger("homeward.policy")


def _without_advance(policy: Policy) -> Policy:
    return policy.model_copy(update={"approval": policy.approval.model_copy(update={"advance_replacement": False})})


class PolicyFile:
    """Gives the policy for returns that open now; open returns keep theirs.

    A changed file is picked up at the next opening. One that is broken, or gone, is refused:
    the policy in force stays, and an error is logged once for each change.
    """

    def __init__(self, path: Path | None, *, holds_cards: bool = True) -> None:
        """Read it once; raises ``SettingsError`` naming the keys that are wrong.

        Without ``holds_cards`` no replacement is sent in advance, whatever the file says: nothing would secure it.
        """
        self._path, self._holds_cards = path, holds_cards
        self._seen = self._stamp()
        try:
            self._policy = Policy() if path is None else parse_policy(path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise SettingsError(f"HOMEWARD_POLICY: expected a policy file that is right: {error}") from None

    def __call__(self) -> Policy:
        """The policy in force."""
        stamp = self._stamp()
        if self._path is not None and stamp != self._seen:
            self._seen = stamp
            self._read_again(self._path)
        return self._policy if self._holds_cards else _without_advance(self._policy)

    def _read_again(self, path: Path) -> None:
        try:
            self._policy = parse_policy(path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            POLICY_REFUSED.set(1)
            _log.error("the changed policy file is refused, the old policy stays", exc_info=error)
        else:
            POLICY_REFUSED.set(0)
            _log.info("policy read", version=self._policy.version)

    def _stamp(self) -> tuple[int, int] | None:
        """What changes whenever the file does; None when there is none."""
        try:
            found = self._path.stat() if self._path else None
        except OSError:
            return None
        return (found.st_mtime_ns, found.st_size) if found else None
