"""The command `homeward`."""

from difflib import get_close_matches
from importlib import import_module
from typing import Any, Final

import click

#: Where each command lives. A module is loaded when its command is called, so that all start quickly.
MODULES: Final = {
    "answer-charge": "returns.change",
    "api": "serve",
    "approve": "returns.operate",
    "attention": "returns.attention",
    "backup": "upkeep.backup",
    "cancel": "returns.operate",
    "change": "returns.change",
    "codec": "serve",
    "conform": "conform",
    "credit": "credit",
    "db": "upkeep.database",
    "decline": "returns.operate",
    "deploy": "deploy.commands",
    "doctor": "upkeep.doctor",
    "encryption": "upkeep.encryption",
    "faq": "faq",
    "find": "returns.find",
    "findings": "upkeep.findings",
    "forget": "forget",
    "inbox": "inbox",
    "inspect": "returns.operate",
    "inventory": "stock",
    "keys": "keys",
    "label": "returns.parcel",
    "limits": "limits",
    "list": "returns.read",
    "mails": "mails",
    "mcp": "agents.commands",
    "orders": "orders",
    "override": "returns.change",
    "pause": "limits",
    "policy": "policy",
    "promise": "returns.promise",
    "quote": "policy",
    "receive": "returns.operate",
    "reconcile": "upkeep.reconcile",
    "release": "returns.operate",
    "repair": "repairs",
    "report": "returns.report",
    "restore": "upkeep.backup",
    "resume": "limits",
    "retries": "retries",
    "revive": "returns.operate",
    "show": "returns.read",
    "staff": "staff",
    "start": "returns.operate",
    "subscribers": "subscribers",
    "supplier": "suppliers",
    "support": "support",
    "track": "returns.parcel",
    "up": "serve",
    "wipe": "returns.change",
    "worker": "serve",
}
#: Names that Python keeps for itself, or that another thing in the module has.
_FUNCTIONS: Final = {"answer-charge": "answer_charge", "list": "list_returns", "up": "bring_up"}


class _LazyGroup(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 (click's signature)
        return list(MODULES)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in MODULES:
            return None
        found = getattr(import_module(f"starter.cli.{MODULES[cmd_name]}"), _FUNCTIONS.get(cmd_name, cmd_name))
        return found if isinstance(found, click.Command) else None

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """See click; of a command that there is not, those that are spelt like it are told."""
        if args[0] not in MODULES and not args[0].startswith("-") and not ctx.resilient_parsing:
            like = get_close_matches(args[0], MODULES, 3)
            meant = f" Did you mean {' or '.join(f'`{name}`' for name in like)}?" if like else ""
            raise click.UsageError(f"There is no command `{args[0]}`.{meant}", ctx)
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        """See click; wrong input is named, wherever a command has read it."""
        from starter.cli.shared.session import wrong_input_named

        with wrong_input_named():
            return super().invoke(ctx)


def _version(ctx: click.Context, _parameter: click.Parameter, asked: bool) -> None:
    if asked and not ctx.resilient_parsing:
        from workers.deployment.version import commit, release

        click.echo(f"{release()} ({commit()})" if commit() else release())
        ctx.exit()


@click.command("homeward", cls=_LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--version", is_flag=True, is_eager=True, expose_value=False, callback=_version, help="Show the version and exit."
)
def main() -> None:
    """Carry every return of a shop home."""
