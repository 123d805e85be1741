"""The live partners are chosen by their keys, and their libraries loaded only then."""

import asyncio
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import stripe
from click.testing import CliRunner
from easypost import EasyPostClient
from pydantic import SecretStr

from gateways.carrier.easypost import EasyPostCarrier
from gateways.database.engine import Database
from gateways.database.stock.inventory import Inventory
from gateways.language import mail_names
from gateways.payment.stripe import StripePayments
from gateways.sandbox.carrier import SandboxCarrier
from gateways.sandbox.inventory import SandboxInventory
from gateways.sandbox.payment import SandboxPayments
from gateways.several_partners.carrier import RoutedCarrier
from gateways.several_partners.payment import RoutedPayments
from gateways.stock.http import HttpInventory
from lifecycle.contract.tenders import TenderKind
from starter.cli.main import main
from starter.doctor.partners import examine_partners
from starter.local.temporal_server import free_port
from workers.partner_table import Live, carrier_of, inventory_of, live_partners, payments_of, policy_of, serving
from workers.setting_values import CarrierRoute, PaymentRoute
from workers.settings import Settings, SettingsError
from workers.telemetry import only_ids

#: Fits every partner: some sign with it.
KEY = "whsec_" + "YS1rZXktdGhhdC1maXRzLWV2ZXJ5LXBhcnRuZXI="


@pytest.fixture
def db(tmp_path: Path) -> Database:
    return Database(f"sqlite:///{tmp_path / 'homeward.db'}")


async def test_without_keys_the_sandboxes_serve(db: Database) -> None:
    assert isinstance(carrier_of(Settings(), db), SandboxCarrier)
    async with payments_of(Settings(), db) as payments:
        assert isinstance(payments, SandboxPayments)


async def test_each_key_chooses_its_live_partner(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOMEWARD_STRIPE_KEY", "sk_test_1")
    assert isinstance(carrier_of(Settings(), db), SandboxCarrier)
    async with payments_of(Settings(), db) as payments:
        assert isinstance(payments, StripePayments)
    monkeypatch.setenv("HOMEWARD_EASYPOST_KEY", "EZTK1")
    assert isinstance(carrier_of(Settings(), db), EasyPostCarrier)


def test_without_keys_their_libraries_are_not_loaded() -> None:
    program = "import sys, workers.main, starter.cli.main; print({'stripe', 'easypost'} & set(sys.modules))"
    ran = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
    assert ran.stdout == "set()\n"


def test_the_addresses_of_live_partners_are_those_that_their_libraries_call() -> None:
    own = {live.name: live.own_url for live in live_partners() if live.own_url}
    assert own == {"EasyPost": EasyPostClient("EZTK1").api_base, "Stripe": stripe.DEFAULT_API_BASE}


@pytest.mark.parametrize("live", live_partners(), ids=lambda live: live.name)
async def test_the_doctor_asks_after_each_live_partner_by_its_row(live: Live) -> None:
    port = free_port()
    there = {live.url: f"http://127.0.0.1:{port}/v2"}
    if live.own_url:
        assert [found async for found in examine_partners(Settings(**there))] == []  # type: ignore[arg-type]
    there |= {live.key: KEY}
    [found] = [found async for found in examine_partners(Settings(**there))]  # type: ignore[arg-type]
    assert (found.check, found.state) == (live.name, "failed")
    assert f"127.0.0.1:{port} cannot be reached" in found.text
    assert f"HOMEWARD_{live.url.upper()}" in (found.advice or "")
    async with await asyncio.start_server(lambda _, writer: writer.close(), "127.0.0.1", port):
        [found] = [found async for found in examine_partners(Settings(**there))]  # type: ignore[arg-type]
    assert (found.check, found.state) == (live.name, "ok")


SHOP = "https://returns.shop.example"


def test_a_process_says_which_partners_serve() -> None:
    assert serving(Settings()) == {
        "carrier": "sandbox",
        "payment": "sandbox",
        "mail": "database",
        "orders": "database",
        "stock": "database",
    }
    live = Settings(stripe_key="sk", easypost_key="EZ", smtp_url="smtp://h:25", orders_url=SHOP)
    assert serving(live, ["payment", "mail"]) == {"payment": "stripe", "mail": "smtp"}


@pytest.mark.parametrize(
    ("address", "public"),
    [
        (None, False),
        ("http://127.0.0.1:8000", False),
        ("http://127.9.9.9", False),
        ("http://[::1]:8000", False),
        ("http://localhost:8000", False),
        ("http://homeward.localhost", False),
        (SHOP, True),
        ("http://192.168.1.7:8000", True),
        ("http://localhost.shop.example", True),
    ],
)
def test_an_address_is_public_unless_it_is_this_machines(address: str | None, public: bool) -> None:
    assert Settings(public_url=address).is_public is public


@pytest.mark.parametrize(("keys", "named"), [({"easypost_key": "EZ"}, "STRIPE"), ({"stripe_key": "sk"}, "EASYPOST")])
def test_no_sandbox_serves_beside_a_public_address_unless_allowed_to(keys: dict[str, Any], named: str) -> None:
    with pytest.raises(SettingsError, match=f"^HOMEWARD_{named}_KEY: .*HOMEWARD_SANDBOX=1"):
        serving(Settings(public_url=SHOP, **keys))
    assert "sandbox" in serving(Settings(public_url=SHOP, sandbox=True, **keys)).values()


async def test_routes_set_a_second_partner_beside_the_first(db: Database) -> None:
    abroad = [CarrierRoute(partner="sandbox", countries=frozenset({"CA"}))]
    in_parts = [PaymentRoute(partner="sandbox", tenders=frozenset({TenderKind.OTHER}))]
    two = Settings(easypost_key="EZ", stripe_key="sk", carrier_routes=abroad, payment_routes=in_parts)
    assert serving(two, ["carrier", "payment"]) == {"carrier": "easypost+sandbox", "payment": "stripe+sandbox"}
    logged = only_ids(None, "info", {"event": "partners that serve", **serving(two)})
    assert logged == {"event": "partners that serve", **serving(two)}
    assert isinstance(carrier_of(two, db), RoutedCarrier)
    async with payments_of(two, db) as payments:
        assert isinstance(payments, RoutedPayments)
    # One alone serves everything.
    assert isinstance(carrier_of(Settings(carrier_routes=abroad), db), SandboxCarrier)


def test_a_route_to_a_partner_that_is_not_set_up_is_named() -> None:
    to_easypost = Settings(carrier_routes=[CarrierRoute(partner="easypost")])
    with pytest.raises(SettingsError, match=r"^HOMEWARD_CARRIER_ROUTES\.0\.partner: expected one .*: sandbox$"):
        serving(to_easypost)
    to_sandbox = [PaymentRoute(partner="sandbox", tenders=frozenset({TenderKind.OTHER}))]
    with pytest.raises(SettingsError, match=r"^HOMEWARD_PAYMENT_ROUTES\.0\.partner: expected one .*: stripe$"):
        serving(Settings(public_url=SHOP, stripe_key="sk", easypost_key="EZ", payment_routes=to_sandbox))
    assert serving(to_easypost, ["mail", "payment"]) == {"mail": "database", "payment": "sandbox"}


async def test_routes_do_not_ask_for_the_key_of_a_partner_that_nobody_speaks_to(db: Database) -> None:
    """One environment for all processes, but for the keys."""
    routes = [PaymentRoute(partner="stripe", tenders=frozenset({TenderKind.CARD}))]
    for_parcels = Settings(easypost_key="EZ", payment_routes=routes)
    assert serving(for_parcels, ["carrier"]) == {"carrier": "easypost"}
    async with payments_of(for_parcels, db) as payments:
        assert isinstance(payments, SandboxPayments)


async def test_stock_fails_on_demand_only_where_sandboxes_may_serve(db: Database) -> None:
    for settings, kind in (
        (Settings(), SandboxInventory),
        (Settings(public_url=SHOP, sandbox=True), SandboxInventory),
        (Settings(public_url=SHOP), Inventory),
        (Settings(stock_url=SHOP, stock_secret=SecretStr(KEY)), HttpInventory),
    ):
        async with inventory_of(settings, db) as inventory:
            assert type(inventory) is kind


def test_only_who_speaks_to_a_partner_needs_its_key() -> None:
    assert serving(Settings(public_url=SHOP), ["mail", "orders"]) == {"mail": "database", "orders": "database"}


@pytest.mark.parametrize("command", [("worker",), ("worker", "--role", "payment"), ("api", "--without-keys"), ("up",)])
def test_such_a_process_ends_at_once_with_2(
    command: tuple[str, ...], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("HOMEWARD_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("HOMEWARD_PUBLIC_URL", SHOP)
    result = CliRunner().invoke(main, command)
    assert result.exit_code == 2
    assert "HOMEWARD_SANDBOX=1" in result.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("changes", "offered"),
    [
        ({}, True),
        ({"refunds_url": SHOP, "refunds_secret": KEY}, False),
        ({"stripe_key": "sk", "refunds_url": SHOP, "refunds_secret": KEY}, True),
        (
            {"stripe_key": "sk", "refunds_url": SHOP, "refunds_secret": KEY}
            | {"payment_routes": [{"partner": "http", "tenders": ["card"]}]},
            False,
        ),
        ({"payment_routes": [{"partner": "http", "tenders": ["card"]}]}, False),
    ],
)
def test_no_replacement_goes_out_in_advance_where_no_card_can_be_held(
    changes: dict[str, Any], offered: bool, tmp_path: Path
) -> None:
    settings = Settings.model_validate(changes)
    assert policy_of(settings)().approval.advance_replacement is offered
    never = tmp_path / "policy.toml"
    never.write_text("[approval]\nadvance_replacement = false\nreview_above = 7\n")
    found = policy_of(settings.model_copy(update={"policy": never}))().approval
    assert (found.advance_replacement, found.review_above) == (False, 7)


def test_each_mail_can_be_switched_off_and_no_other() -> None:
    assert serving(Settings(mails_off=sorted(mail_names())), ["mail"]) == {"mail": "database"}
    with pytest.raises(SettingsError, match=r"^HOMEWARD_MAILS_OFF\.1: expected one of .*label_sent.*, refunded"):
        serving(Settings(mails_off=["refunded", "label"]), ["payment"])


def test_one_sender_has_the_mails() -> None:
    own = {"mails_url": SHOP, "mails_secret": KEY}
    assert serving(Settings.model_validate(own), ["mail"]) == {"mail": "http"}
    with pytest.raises(SettingsError, match=r"^HOMEWARD_MAILS_URL: expected none"):
        serving(Settings.model_validate(own | {"smtp_url": "smtp://127.0.0.1:25"}))
