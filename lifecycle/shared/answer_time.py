"""How long a customer has to say whether they pay: what a repair costs, or an exchange (CONTRACT section 7)."""

from typing import Final

#: Calendar days until their silence is taken for a no, and after which they are reminded.
ANSWER_DAYS: Final = 14
REMIND_DAYS: Final = 7
