"""Temporal over TLS: by the standard variables, against a listener that asks who it is."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from client.errors import Unreachable
from starter.local.up import Ready
from starter.shared.connect import connect, where_is_temporal
from tests.api.conftest import settings_of
from tests.starter.tls import SERVER_NAME, Authority, tls_before
from workers.settings import SettingsError
from workers.temporal_settings import temporal_connection


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("tls") / "ours")


@pytest.fixture
async def address(ready: Ready, authority: Authority) -> AsyncIterator[str]:
    async with tls_before(ready.temporal, authority) as address:
        yield address


def _mutual(authority: Authority, address: str) -> dict[str, str]:
    certificate, key = authority.pair("worker")
    return {
        "ADDRESS": address,
        "TLS_SERVER_CA_CERT_PATH": str(authority.path),
        "TLS_CLIENT_CERT_PATH": str(certificate),
        "TLS_CLIENT_KEY_PATH": str(key),
    }


def _set(monkeypatch: pytest.MonkeyPatch, given: dict[str, str]) -> None:
    for name, value in given.items():
        monkeypatch.setenv(f"TEMPORAL_{name}", value)


@pytest.mark.parametrize("more", [{}, {"TLS": "true"}, {"TLS_SERVER_NAME": SERVER_NAME}, {"API_KEY": "a-key"}])
async def test_both_sides_show_their_certificates(
    monkeypatch: pytest.MonkeyPatch, authority: Authority, address: str, more: dict[str, str]
) -> None:
    _set(monkeypatch, _mutual(authority, address) | more)
    client = await connect(where_is_temporal(settings_of()))
    assert await client.service_client.check_health()
    assert client.service_client.config.api_key == more.get("API_KEY")


async def test_certificates_may_stand_in_the_variables_themselves(
    monkeypatch: pytest.MonkeyPatch, authority: Authority, address: str
) -> None:
    given = _mutual(authority, address)
    paths = {name: given.pop(name) for name in list(given) if name.endswith("_PATH")}
    texts = {name.replace("_PATH", "_DATA"): Path(path).read_text() for name, path in paths.items()}
    _set(monkeypatch, given | texts)
    assert await (await connect(where_is_temporal(settings_of()))).service_client.check_health()


async def test_a_server_that_nobody_here_knows_is_not_spoken_to(
    monkeypatch: pytest.MonkeyPatch, authority: Authority, address: str, tmp_path: Path
) -> None:
    strange = str(Authority(tmp_path / "another").path)
    _set(monkeypatch, _mutual(authority, address) | {"TLS_SERVER_CA_CERT_PATH": strange})
    with pytest.raises(Unreachable, match=r"over TLS: .*InvalidCertificate"):
        await connect(where_is_temporal(settings_of()))


async def test_a_server_of_another_name_is_not_spoken_to(
    monkeypatch: pytest.MonkeyPatch, authority: Authority, address: str
) -> None:
    _set(monkeypatch, _mutual(authority, address) | {"TLS_SERVER_NAME": "another.test"})
    with pytest.raises(Unreachable, match=r"over TLS: .*NotValidForName"):
        await connect(where_is_temporal(settings_of()))


async def test_who_shows_no_certificate_is_not_let_in(
    monkeypatch: pytest.MonkeyPatch, authority: Authority, address: str
) -> None:
    _set(monkeypatch, {"ADDRESS": address, "TLS_SERVER_CA_CERT_PATH": str(authority.path)})
    with pytest.raises(Unreachable, match="over TLS: "):
        await connect(where_is_temporal(settings_of()))


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({"TLS": "maybe"}, "TEMPORAL_TLS: expected true or false"),
        ({"TLS_CERT_PATH": "/etc/hosts"}, "TEMPORAL_TLS_CERT_PATH: expected a variable that exists"),
        ({"TLS_SERVER_CA_CERT_PATH": "/nowhere"}, "TEMPORAL_TLS_SERVER_CA_CERT_PATH: expected the path"),
        ({"TLS_CLIENT_CERT_DATA": "secret"}, "TEMPORAL_TLS_CLIENT_KEY_PATH: expected both or neither"),
        ({"TLS_CLIENT_KEY_DATA": "secret"}, "TEMPORAL_TLS_CLIENT_KEY_PATH: expected both or neither"),
        ({"TLS_DISABLE_HOST_VERIFICATION": "true"}, "TEMPORAL_TLS_DISABLE_HOST_VERIFICATION: expected none"),
        ({"TLS": "false", "TLS_SERVER_NAME": "secret"}, "TEMPORAL_TLS: expected true"),
        ({"API_KEY": "secret", "TLS": "false", "ADDRESS": "temporal:7233"}, "TEMPORAL_API_KEY: expected TLS"),
    ],
)
def test_what_the_sdk_would_let_pass_is_named(
    monkeypatch: pytest.MonkeyPatch, given: dict[str, str], named: str
) -> None:
    _set(monkeypatch, given)
    with pytest.raises(SettingsError) as caught:
        temporal_connection()
    assert named in str(caught.value)
    assert "secret" not in str(caught.value)


def test_with_a_key_alone_it_is_over_tls(monkeypatch: pytest.MonkeyPatch) -> None:
    _set(monkeypatch, {"API_KEY": "a-key", "ADDRESS": "temporal.example:7233"})
    assert temporal_connection()["tls"] is True
