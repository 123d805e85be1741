"""How to reach Temporal, from the ``TEMPORAL_*`` variables: the SDK reads them, and lets some mistakes pass."""

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from temporalio.envconfig import ClientConfig, ClientConnectConfig
from temporalio.service import TLSConfig

from workers.setting_values import is_loopback_host
from workers.settings import SettingsError

_HOST_AND_PORT: Final = re.compile(r"^[^\s:/]+:\d{1,5}$|^\[[0-9A-Fa-f:]+\]:\d{1,5}$")
_TLS: Final = "TEMPORAL_TLS"
_SECRETS: Final = tuple(f"{_TLS}_{name}" for name in ("SERVER_CA_CERT", "CLIENT_CERT", "CLIENT_KEY"))
_UNCHECKED: Final = f"{_TLS}_DISABLE_HOST_VERIFICATION"
_KNOWN: Final = {
    _TLS,
    _UNCHECKED,
    f"{_TLS}_SERVER_NAME",
    *(f"{secret}_{kind}" for secret in _SECRETS for kind in ("PATH", "DATA")),
}
#: What the SDK takes for each; it takes anything else for on.
_OFF: Final = {"0", "false"}
_ON: Final = {"1", "true"}


def temporal_connection() -> ClientConnectConfig:
    """How to reach Temporal; empty when the variables say nothing. Raises ``SettingsError``, which names one."""
    _check_tls(os.environ)
    try:
        connection = ClientConfig.load_client_connect_config()
    except (RuntimeError, OSError, ValueError) as error:
        raise SettingsError(f"TEMPORAL_*: {error}") from None
    _check(connection)
    return connection


def host_of(connection: ClientConnectConfig) -> str:
    """The host of its address, without port and brackets."""
    return connection["target_host"].rpartition(":")[0].strip("[]")


def _check_tls(environ: Mapping[str, str]) -> None:
    given = {name: value for name, value in environ.items() if name.startswith(_TLS) and value}
    for name in sorted(given):
        if name not in _KNOWN:
            raise SettingsError(f"{name}: expected a variable that exists, one of {', '.join(sorted(_KNOWN))}")
        if name.endswith("_PATH") and not Path(given[name]).is_file():
            raise SettingsError(f"{name}: expected the path of a PEM file that exists")
    for name in (_TLS, _UNCHECKED):
        if given.get(name, "0").lower() not in _ON | _OFF:
            raise SettingsError(f"{name}: expected true or false")
    if given.get(_UNCHECKED, "0").lower() in _ON:
        raise SettingsError(f"{_UNCHECKED}: expected none; {_TLS}_SERVER_NAME says which name is right")
    if given.get(_TLS, "1").lower() in _OFF and len(given.keys() - {_TLS, _UNCHECKED}):
        raise SettingsError(f"{_TLS}: expected true, beside what is for TLS alone")


def _check(connection: ClientConnectConfig) -> None:
    address = connection.get("target_host")
    if address and not _HOST_AND_PORT.match(address):
        raise SettingsError("TEMPORAL_ADDRESS: expected HOST:PORT")
    tls = connection.get("tls")
    if isinstance(tls, TLSConfig) and bool(tls.client_cert) != bool(tls.client_private_key):
        raise SettingsError(f"{_TLS}_CLIENT_CERT_PATH, {_TLS}_CLIENT_KEY_PATH: expected both or neither")
    if connection.get("api_key") and not tls and not (address and is_loopback_host(host_of(connection))):
        raise SettingsError("TEMPORAL_API_KEY: expected TLS beside it (TEMPORAL_TLS): anybody on the way could read it")
