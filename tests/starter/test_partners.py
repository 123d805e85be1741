"""The live partners are chosen by their keys, and their libraries loaded only then."""

import subprocess
import sys
from pathlib import Path

import pytest

from gateways.carrier.easypost import EasyPostCarrier
from gateways.carrier.sandbox import SandboxCarrier
from gateways.database.engine import Database
from gateways.payment.sandbox import SandboxPayments
from gateways.payment.stripe import StripePayments
from workers.partners import carrier_of, payments_of
from workers.settings import Settings


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
