"""The samples of ops/proxy with the real programs, as they stand: only addresses, certificates and logs are changed."""

import asyncio
import os
import re
import shutil
import ssl
import subprocess
from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

import httpx
import pytest

from starter.local.temporal_server import free_port

Proxy = Literal["nginx", "caddy"]
SAMPLES: Final = Path(__file__).resolve().parents[2] / "ops" / "proxy"
SHOP: Final = "returns.shop.example"
STAFF: Final = "returns.shop.internal"
#: Where Debian keeps servers, which is not on everybody's path.
_PLACES: Final = os.pathsep.join((os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin"))
#: What stands around the sample on a machine that is not ours to change, as Debian's own file has it.
_NGINX: Final = """
{user}
pid {folder}/nginx.pid;
error_log {folder}/logs/error.log;
worker_processes 1;
daemon off;
events {{ worker_connections 256; }}
http {{
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    access_log {folder}/logs/access.log;
    gzip on;
    include {folder}/homeward.conf;
}}
"""


#: How each refuses a body. Caddy 2.6 says 502; and as it passes on what has not come whole, Homeward may be first to
#: refuse it, and hang up while the rest is still being sent.
REFUSED: Final[Mapping[Proxy, Collection[int | None]]] = {"nginx": {413}, "caddy": {413, 502, None}}


async def sent(client: httpx.AsyncClient, path: str, size: int, **headers: str) -> int | None:
    """What is said to so many bytes, of a form unless the headers say otherwise; None where it hung up."""
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    try:
        return (await client.post(path, content=b"a" * size, headers=form | headers)).status_code
    except httpx.TransportError:
        return None


def program(name: str) -> str:
    """Where it is; without it these tests fail in CI, and are skipped elsewhere."""
    if found := shutil.which(name, path=_PLACES):
        return found
    missing = f"proxy tests need {name}: install the package `{name}`"
    if os.environ.get("CI"):
        pytest.fail(missing)
    pytest.skip(missing)


@dataclass(frozen=True)
class Front:
    """A proxy that runs."""

    folder: Path
    public: int
    plain: int
    staff: int

    def visitor(self, source: str = "127.0.0.1") -> httpx.AsyncClient:
        """Somebody outside, who comes from this address of the machine."""
        return self._client(SHOP, self.public, source)

    def colleague(self, source: str = "127.0.0.1") -> httpx.AsyncClient:
        """Somebody in the shop's own network."""
        return self._client(STAFF, self.staff, source)

    def _client(self, name: str, port: int, source: str) -> httpx.AsyncClient:
        trusted = ssl.create_default_context(cafile=self.folder / "certificate.pem")
        there = _There(port, verify=trusted, local_address=source)
        return httpx.AsyncClient(transport=there, base_url=f"https://{name}", timeout=60)

    def said(self) -> str:
        """All that it has written to its logs."""
        return "".join(path.read_text() for path in sorted((self.folder / "logs").iterdir()))


class _There(httpx.AsyncHTTPTransport):
    """Reaches every name at one port of this machine."""

    def __init__(self, port: int, *, verify: ssl.SSLContext, local_address: str) -> None:
        super().__init__(verify=verify, local_address=local_address)
        self._port = port

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """See httpx."""
        return await super().handle_async_request(
            httpx.Request(
                request.method,
                request.url.copy_with(host="127.0.0.1", port=self._port),
                headers=request.headers,
                stream=request.stream,
                extensions={"sni_hostname": request.url.host} | request.extensions,
            )
        )


def changed(text: str, changes: Mapping[str, str]) -> str:
    """The sample with these places changed, each of which it has to have."""
    for old, new in changes.items():
        text, count = re.subn(old, lambda _, new=new: new, text)  # type: ignore[misc]
        assert count, f"the sample has no {old}"
    return text


@asynccontextmanager
async def front(proxy: Proxy, folder: Path, homeward: str, **changes: str) -> AsyncIterator[Front]:
    """The sample, before the Homeward at that address; ``changes`` give directives other values."""
    made = Front(folder, free_port(), free_port(), free_port())
    (folder / "logs").mkdir()
    _certify(folder)
    write = {"nginx": _write_nginx, "caddy": _write_caddy}[proxy]
    directives = {rf"\b{name} \w+": f"{name} {value}" for name, value in changes.items()}
    command = write(made, homeward.removeprefix("http://"), directives)
    async with running(command, folder, made.public, made.staff):
        yield made


def _certify(folder: Path) -> None:
    names = f"subjectAltName=DNS:{SHOP},DNS:{STAFF}"
    files = ("-keyout", folder / "key.pem", "-out", folder / "certificate.pem")
    how = ("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2")
    subprocess.run(
        [program("openssl"), *how, *files, "-subj", f"/CN={SHOP}", "-addext", names], check=True, capture_output=True
    )


def _write_nginx(made: Front, homeward: str, changes: Mapping[str, str]) -> list[str]:
    sample = changed(
        (SAMPLES / "nginx.conf").read_text(),
        {
            r"listen 443\b": f"listen 127.0.0.1:{made.public}",
            r"listen 80\b": f"listen 127.0.0.1:{made.plain}",
            r"10\.0\.0\.1:443": f"127.0.0.1:{made.staff}",
            r"127\.0\.0\.1:8000": homeward,
            r"/etc/ssl/homeward/\w+\.pem": str(made.folder / "certificate.pem"),
            r"/etc/ssl/homeward/\w+\.key": str(made.folder / "key.pem"),
            r"/var/log/nginx/": f"{made.folder}/logs/",
            **changes,
        },
    )
    (made.folder / "homeward").mkdir()
    shutil.copy(SAMPLES / "webhook_headers.conf", made.folder / "homeward")
    return nginx(made.folder, sample)


def nginx(folder: Path, servers: str) -> list[str]:
    """The command that runs nginx with these servers; everything that it writes is in the folder."""
    (folder / "homeward.conf").write_text(servers)
    user = "user root;" if os.geteuid() == 0 else ""  # its workers have to reach the folder
    (folder / "nginx.conf").write_text(_NGINX.format(folder=folder, user=user))
    return [
        program("nginx"),
        "-e",
        str(folder / "logs" / "start.log"),
        "-p",
        str(folder),
        "-c",
        str(folder / "nginx.conf"),
    ]


def _write_caddy(made: Front, homeward: str, changes: Mapping[str, str]) -> list[str]:
    certificate = f"tls {made.folder}/certificate.pem {made.folder}/key.pem"
    sample = changed(
        (SAMPLES / "Caddyfile").read_text(),
        {
            r"(?m)^\{$": f"{{\n\tadmin off\n\thttp_port {made.plain}\n\thttps_port {made.public}",
            rf"(?m)^{SHOP} \{{$": f"{SHOP} {{\n\tbind 127.0.0.1\n\t{certificate}",
            rf"(?m)^{STAFF} \{{$": f"{STAFF}:{made.staff} {{",
            r"bind 10\.0\.0\.1": "bind 127.0.0.1",
            r"tls internal": certificate,
            r"127\.0\.0\.1:8000": homeward,
            **changes,
        },
    )
    (made.folder / "Caddyfile").write_text(sample)
    return [program("caddy"), "run", "--adapter", "caddyfile", "--config", str(made.folder / "Caddyfile")]


@asynccontextmanager
async def running(command: list[str], folder: Path, *ports: int) -> AsyncIterator[None]:
    """The program, once it listens on these ports."""
    with (folder / "logs" / "output.log").open("wb") as output:
        own = {"XDG_DATA_HOME": str(folder / "data"), "XDG_CONFIG_HOME": str(folder / "configuration")}
        process = await asyncio.create_subprocess_exec(
            *command, stdout=output, stderr=output, env={**os.environ, **own}
        )
    try:
        for port in ports:
            while not await _listens(port):
                assert process.returncode is None, (folder / "logs" / "output.log").read_text()
                await asyncio.sleep(0.05)
        yield
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


async def _listens(port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    writer.close()
    return True
