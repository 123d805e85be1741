"""Where the words are that people read: texts of pages, templates of mails, the FAQ; a folder for each language."""

from pathlib import Path
from typing import Final

#: What the project itself brings along, beside its packages, in the language in use.
OWN_CONTENT: Final = Path(__file__).parent.parent / "content" / "en"
