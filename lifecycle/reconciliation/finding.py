"""What does not agree, and what to do about each kind of it."""

from dataclasses import dataclass
from typing import Final

#: By kind, what to do; ``ID`` stands for the return.
ADVICE: Final = {
    "orphaned": "`homeward revive ID` has it go on, `homeward release ID --by NAME --why TEXT` ends it",
    "open_after_end": "`homeward revive ID`",
    "runs_after_close": "`temporal workflow terminate -w return-ID`, before it reminds the customer of what is done",
    "not_in_books": "`homeward revive ID` brings its record back",
    "requested_long": "`homeward show ID` says what it waits for; `homeward attention ID retry`, `homeward change ID`",
    "refund_not_booked": "`homeward show ID`; it was paid: count it, and do not pay it again",
    "refund_by_hand": "`homeward show ID`; where it was meant for this return: `homeward attention ID mark_done "
    "--reference REFERENCE`, or `homeward cancel ID`",
    "refund_missing": "ask the provider by the reference; where it was never paid, pay it there by hand",
    "refund_differs": "`homeward show ID`; pay the difference at the provider by hand, or claim it back",
    "overpaid": "`homeward show ID`; claim back from the customer what is too much, or leave it",
    "charge_not_booked": "`homeward show ID`; where nothing was sent for it, pay it back at the provider",
    "charge_missing": "ask the provider by the reference; where it was never taken, nothing paid for what was sent",
    "charge_differs": "`homeward show ID`; pay back at the provider what is too much",
    "hold_open": "release it at the provider by its reference",
    "hold_not_booked": "`homeward show ID`; release it at the provider, unless the step is still tried",
    "label_usable": "void it at the carrier by its tracking code",
    "parcel_not_booked": "`homeward show ID`; void it at the carrier, unless the step is still tried",
    "reservation_open": "`homeward inventory release KEY`",
    "claim_left": "`homeward release ID --by NAME --why TEXT`",
}


@dataclass(frozen=True)
class Finding:
    """One thing that does not agree: its kind, whose it is, what it is, and what to do about it.

    ``subject`` tells it from others of its kind and return, such as by a provider's reference.
    """

    kind: str
    return_id: str
    subject: str
    text: str
    advice: str


def finding(kind: str, return_id: str, text: str, subject: str = "") -> Finding:
    """One of a kind that ``ADVICE`` knows."""
    advice = ADVICE[kind].replace("return-ID", f"return-{return_id}").replace(" ID", f" {return_id}")
    return Finding(kind, return_id, subject, text, advice.replace("KEY", subject).replace("REFERENCE", subject))
