"""The services that calls and pages use."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Annotated

from fastapi import Depends, Request
from temporalio.client import Client
from temporalio.runtime import Runtime

from client.repairs import Repairs
from client.returns import Homeward
from client.support import Support
from gateways.carrier.protocol import Carrier
from gateways.database.engine import Database
from gateways.orders.protocol import Orders
from starter.shared.admission import Admission
from starter.shared.connect import client_of, converter_of, database, where_is_temporal
from starter.shared.known_keys import StoredKeys
from starter.shared.passwords import Passwords
from workers.faq_files import FaqFiles
from workers.partner_table import carrier_of, orders_of, policy_of
from workers.policy_file import PolicyFile
from workers.settings import Settings

#: A caller hears within three seconds when nobody answers: after this, Temporal itself is asked whether it is there.
PATIENCE = timedelta(seconds=2.2)


@dataclass(frozen=True)
class Services:
    """One for each process."""

    settings: Settings
    client: Client
    db: Database
    policy: PolicyFile
    homeward: Homeward
    repairs: Repairs
    carrier: Carrier
    orders: Orders
    support: Support
    faq: FaqFiles
    stored_keys: StoredKeys
    #: Of staff.
    passwords: Passwords = field(default_factory=Passwords)
    #: For starts.
    admission: Admission = field(default_factory=Admission)


def services_of(settings: Settings, client: Client, db: Database) -> Services:
    """All of it, from settings and connections; raises ``SettingsError`` for a bad policy file, or FAQ."""
    policy = policy_of(settings)
    return Services(
        settings=settings,
        client=client,
        db=db,
        policy=policy,
        homeward=Homeward(client, db, PATIENCE),
        repairs=Repairs(client, PATIENCE),
        carrier=carrier_of(settings, db),
        orders=orders_of(settings, db),
        support=Support(client, db, PATIENCE),
        faq=FaqFiles(db, settings.content, policy),
        stored_keys=StoredKeys(db),
    )


@asynccontextmanager
async def open_services(settings: Settings, runtime: Runtime) -> AsyncIterator[Services]:
    """Services of a process of its own: it starts, and stays up, without Temporal, and says so to callers."""
    async with database(settings, PATIENCE) as db:
        client = await client_of(where_is_temporal(settings), runtime, lazy=True, converter=converter_of(settings, db))
        yield services_of(settings, client, db)


async def _services(request: Request) -> Services:
    found: Services = request.app.state.services
    return found


#: What a call or page asks for to reach the engine.
ServicesDep = Annotated[Services, Depends(_services)]
