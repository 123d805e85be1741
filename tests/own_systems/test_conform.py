"""`homeward conform` finds nothing at the reference server, and names what servers do wrong that lie."""

import itertools
import json
from typing import Any

import pytest
from click.testing import CliRunner, Result

from starter.cli.main import main
from tests.own_systems.reference import OTHER_SECRET, SECRET, example, serving

Shop: Any = example().Shop
_numbers = itertools.count(100)


def conform(shop: Any, *options: str, secret: str = SECRET) -> Result:
    with serving(shop) as url:
        return CliRunner().invoke(main, ["conform", url, "--secret", secret, "--json", *options])


def failed(result: Result) -> set[str]:
    """The checks that failed, without their paths."""
    found = json.loads(result.stdout)
    assert result.exit_code == any(one["state"] == "failed" for one in found), result.output
    return {one["check"].partition(" ")[2] for one in found if one["state"] == "failed"}


def test_the_reference_server_keeps_the_protocol() -> None:
    shop = Shop()
    result = conform(shop)
    assert failed(result) == set()
    found = json.loads(result.stdout)
    assert {one["check"].split()[0] for one in found} == set(shop.calls)
    assert sorted(one["refund"]["amount"] for one in shop.refunds.values()) == [1, 2]
    assert (len(shop.mails), shop.stock["CONFORM", "main", ""]) == (1, 0)


def test_what_is_not_offered_need_not_be() -> None:
    shop = Shop()
    del shop.calls["/refunds/held"], shop.calls["/refunds/list"]
    result = conform(shop, "--kind", "refunds")
    assert failed(result) == set()
    assert result.stdout.count("not offered, which is allowed") == 2


class PaysAgain(Shop):  # type: ignore[misc]
    """Each call is a new refund to it, whatever its key."""

    def refund(self, asked: Any) -> Any:
        return super().refund(asked | {"idempotency_key": f"{asked['idempotency_key']}/{next(_numbers)}"})


class TakesAnything(Shop):  # type: ignore[misc]
    """Another content under a known key is answered as if it were the first."""

    def refund(self, asked: Any) -> Any:
        known = self.refunds.get(asked["idempotency_key"])
        return known["refund"] if known else super().refund(asked)


class Forgets(Shop):  # type: ignore[misc]
    """Nothing that was made is found."""

    def find(self, asked: Any) -> Any:
        return {"refund": None}


class ChangesItsMind(Shop):  # type: ignore[misc]
    """The same key has the same reference, and another amount."""

    def refund(self, asked: Any) -> Any:
        return super().refund(asked) | {"amount": next(_numbers)}


class PaysTooMuch(Shop):  # type: ignore[misc]
    """It does not look at what the tender holds."""

    def _held(self, asked: Any) -> int:
        return 10**9


class CountsTwice(Shop):  # type: ignore[misc]
    """What the order calls refunded, and what was made here, though that is in it."""

    def _held(self, asked: Any) -> int:
        made: int = sum(one["refund"]["amount"] for one in self.refunds.values())
        left: int = asked["tender"]["captured"] - asked["tender"]["refunded"] - made
        return max(0, left)


@pytest.mark.parametrize(
    ("shop", "wrong"),
    [
        (PaysAgain, "gives the same answer to the same key"),
        (PaysAgain, "makes one refund of five calls at once"),
        (PaysAgain, "finds a refund by its key and its reference"),
        (TakesAnything, "refuses a key with another content (409)"),
        (Forgets, "finds a refund by its key and its reference"),
        (ChangesItsMind, "gives the same answer to the same key"),
        (PaysTooMuch, "refuses more than the tender holds (amount_too_large)"),
        (PaysTooMuch, "tells what the tender holds"),
        (CountsTwice, "counts a refund once that the order counts already"),
    ],
)
def test_a_server_that_lies_is_found_out(shop: Any, wrong: str) -> None:
    assert wrong in failed(conform(shop(), "--kind", "refunds"))


@pytest.mark.parametrize("kind", ["refunds", "mails", "stock"])
def test_a_server_that_takes_any_signature_is_found_out(monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    class Credulous:
        def __init__(self, secret: str) -> None:
            self.secret = secret

        def verify(self, body: bytes, headers: Any) -> Any:
            return json.loads(body)

    monkeypatch.setattr(example(), "Webhook", Credulous)
    assert {
        "without a signature",
        "signed with another secret",
        "with the signature of another body",
        "signed ten minutes ago",
        "signed ten minutes ahead",
    } <= failed(conform(Shop(), "--kind", kind))


def test_a_server_with_another_secret_fails_in_all_but_refusing() -> None:
    wrong = failed(conform(Shop(), "--kind", "refunds", secret=OTHER_SECRET))
    assert "makes a refund" in wrong
    assert "without a signature" not in wrong


def test_nobody_there_and_what_is_no_secret() -> None:
    result = CliRunner().invoke(main, ["conform", "http://127.0.0.1:1", "--secret", SECRET, "--kind", "stock"])
    assert result.exit_code == 1
    assert "expected 401, got no answer" in result.stdout
    wrong = CliRunner().invoke(main, ["conform", "http://127.0.0.1:1", "--secret", "whsec_?"])
    assert (wrong.exit_code, "--secret: expected whsec_" in wrong.stderr) == (2, True)
