"""What a resolution is: the facts that everything else asks for, instead of asking which one it is."""

from dataclasses import dataclass
from typing import Literal

from lifecycle.contract.resolutions import Resolution
from lifecycle.contract.statuses import Status

Sent = Literal["same_item", "chosen_items", "repaired_unit"]


@dataclass(frozen=True)
class ResolutionRule:
    """One resolution; its words are in ``content/en/resolutions.toml``, its mail in ``content/en/mails``."""

    resolution: Resolution
    #: How a return that is settled with it ends. The customer's mail about it is called the same.
    status: Status
    #: Where the worth of its units goes; None where they bring the customer no money.
    pays: Literal["tenders", "store_credit"] | None = None
    #: What goes out to the customer, besides or instead of money.
    sends: Sent | None = None
    #: What they get instead for a unit that may hold their data, where nobody else is to have it as it is.
    if_personal: Resolution | None = None
    #: What they get instead for one unit for which it turns out to be impossible.
    if_impossible: Resolution | None = None
    #: A line's warranty counts where the time for returns is over; out of warranty the policy may decline it.
    by_warranty: bool = False

    @property
    def money_only(self) -> bool:
        """Whether the units are really back, for money: the customer keeps nothing, and nothing is sent for them."""
        return self.pays is not None and self.sends is None
