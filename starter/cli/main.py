"""The command `homeward`."""

from importlib import import_module
from typing import Final

import click

#: Where each command lives. A module is loaded when its command is called, so that all start quickly.
ROOMS: Final = {
    "answer-charge": "change",
    "api": "serve",
    "approve": "operate",
    "attention": "operate",
    "cancel": "operate",
    "change": "change",
    "credit": "credit",
    "db": "schema",
    "decline": "operate",
    "faq": "faq",
    "inbox": "inbox",
    "inspect": "operate",
    "inventory": "stock",
    "label": "parcel",
    "list": "read",
    "mails": "mails",
    "orders": "orders",
    "override": "change",
    "policy": "rules",
    "promise": "promise",
    "quote": "rules",
    "receive": "operate",
    "release": "orphans",
    "repair": "repair",
    "revive": "orphans",
    "show": "read",
    "start": "operate",
    "subscribers": "subscribers",
    "supplier": "supplier",
    "support": "support",
    "track": "parcel",
    "up": "serve",
    "wipe": "change",
    "worker": "serve",
}
#: Names that Python keeps for itself, or that another thing in the module has.
_CALLED: Final = {"answer-charge": "answer_charge", "list": "list_returns", "up": "bring_up"}


class _Rooms(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 (click's signature)
        return list(ROOMS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in ROOMS:
            return None
        found = getattr(import_module(f"starter.cli.{ROOMS[cmd_name]}"), _CALLED.get(cmd_name, cmd_name))
        return found if isinstance(found, click.Command) else None


@click.command("homeward", cls=_Rooms, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="homeward", message="%(version)s")
def main() -> None:
    """Carry every return of a shop home."""
