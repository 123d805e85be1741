"""What an operator says of a finding that is known, and needs nobody any more."""

from pydantic import BaseModel

from lifecycle.contract.texts import Text, Words


class AcknowledgeFinding(BaseModel):
    """Nobody has to look at it as it is; where it changes, they do again.

    ``subject`` is one of several of the same kind and return; all of them when left out. With ``take_back`` somebody
    has to look at it again now.
    """

    by: Words
    why: Text
    return_id: Words
    kind: Words
    subject: Words | None = None
    take_back: bool = False
