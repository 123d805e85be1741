"""The Nexus service by which a shop's own workflows call Homeward from another namespace: its operations and inputs.

Whoever reaches its endpoint is at the till, as with a start by the workflow's name.
"""

from typing import Any

import nexusrpc
from pydantic import BaseModel

from lifecycle.contract.messages import Approve, Cancel
from lifecycle.contract.texts import ReturnId

#: JSON, read by ourselves so that what is wrong with it is named.
Raw = dict[str, Any]


class OneReturn(BaseModel):
    """Which return is meant."""

    return_id: ReturnId


class ApproveReturn(Approve, OneReturn):
    """Let a reviewed return go on."""


class CancelReturn(Cancel, OneReturn):
    """Call a return off."""


@nexusrpc.service
class ReturnsService:
    """What may be asked; ``settlement`` alone takes days, and is answered when it is there."""

    start: nexusrpc.Operation[Raw, Raw]
    view: nexusrpc.Operation[Raw, Raw]
    settlement: nexusrpc.Operation[Raw, Raw]
    approve: nexusrpc.Operation[Raw, Raw]
    cancel: nexusrpc.Operation[Raw, Raw]
