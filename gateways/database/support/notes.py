"""What staff note of a question for each other; no customer reads it."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from gateways.database.engine import Database
from gateways.database.statements import insert_if_new
from gateways.database.tables.desk import case_notes


@dataclass(frozen=True)
class CaseNote:
    """One note."""

    by: str
    text: str
    at: datetime


async def add_note(database: Database, key: str, case_id: str, note: CaseNote) -> None:
    """Keep a note; the same key again changes nothing. Raises ``Unavailable``, as all here."""
    row = {"key": key, "case_id": case_id, "by": note.by, "text": note.text, "at": note.at}
    await database.write(
        lambda connection: connection.execute(insert_if_new(case_notes, connection.dialect.name), row).first()
    )


async def notes_of(database: Database, case_id: str) -> list[CaseNote]:
    """All notes on a question, the oldest first."""
    columns = (case_notes.c.by, case_notes.c.text, case_notes.c.at)
    statement = select(*columns).where(case_notes.c.case_id == case_id).order_by(case_notes.c.id)
    rows = await database.read(lambda connection: connection.execute(statement).all())
    return [CaseNote(*row) for row in rows]
