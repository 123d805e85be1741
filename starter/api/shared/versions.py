"""The versions of the API, by date: one is added when an answer changes so that a caller has to."""

from typing import Final

#: The newest last; docs/api.md says what each has changed.
VERSIONS: Final = ("2026-11-28",)
#: A call may name the version that it is written for; every answer names the one that answered.
VERSION_HEADER: Final = "Homeward-Version"
