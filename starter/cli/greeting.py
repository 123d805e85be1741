"""What `homeward up` says to whoever sits before it: where everything is. Programs read the ready line instead."""

import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import click

from starter.local.up import Ready, invite_in_the_log
from starter.shared.staff_links import StaffLink


class Greeting:
    """Says it on stderr, where that is a terminal; elsewhere the link for the first manager is one line of JSON."""

    def __init__(self, folder: Path, *, demo: bool) -> None:
        self._folder = folder
        self._demo = demo
        self._link: StaffLink | None = None

    def invite(self, link: StaffLink) -> None:
        """Keep the link for the first manager until everything answers."""
        if sys.stderr.isatty():
            self._link = link
        else:
            invite_in_the_log(link)

    def say(self, ready: Ready) -> None:
        """Say where everything is."""
        if sys.stderr.isatty():
            for line in greeting(ready, self._link, self._folder, demo=self._demo):
                click.echo(line, err=True)


def greeting(ready: Ready, link: StaffLink | None, folder: Path, *, demo: bool) -> Iterator[str]:
    """Its lines."""
    yield f"\nHomeward is running{', with a shop that is made up' if demo else ''}. Ctrl-C stops it.\n"
    places = {
        "Desk": f"{ready.api}/desk",
        "Warehouse": f"{ready.api}/warehouse",
        "Customers": f"{ready.api}/",
        "Questions": f"{ready.api}/help",
        "API": f"{ready.api}/docs",
        "Temporal": ready.ui or f"{ready.temporal}, without its UI",
        "Data": f"{folder}{', to be deleted for other returns' if demo else ''}",
    }
    for name, place in places.items():
        yield f"  {click.style(name.ljust(10), bold=True)} {place}"
    if link:
        yield f"\nThere is no manager yet. Whoever opens this link first is the manager, until {_at(link.ends_at)}:"
        yield f"  {link.link}"
    if not demo:
        yield "\nStart a return by `homeward start examples/refund.json --delivered-days-ago 4`,"
        yield "or see a shop full of them by `homeward up --demo`."
    yield ""


def _at(instant: datetime) -> str:
    return f"{instant.astimezone():%Y-%m-%d %H:%M}"
