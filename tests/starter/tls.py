"""A listener that speaks TLS before a server that does not, and certificates for both sides, made on the spot."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

#: What the server's certificate says, beside its address.
SERVER_NAME = "temporal.test"


class Authority:
    """Signs certificates; each is a pair of PEM files, ``NAME.pem`` and ``NAME.key``."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self._folder = folder
        self._key = generate_private_key(SECP256R1())
        self._name = _named("the tests' own authority")
        usage = x509.BasicConstraints(ca=True, path_length=0)
        made = _begun(self._name, self._name, self._key).add_extension(usage, critical=True)
        self.path = folder / "ca.pem"
        self.path.write_bytes(made.sign(self._key, SHA256()).public_bytes(Encoding.PEM))

    def pair(self, name: str) -> tuple[Path, Path]:
        """Certificate and key of somebody with this name, for loopback."""
        key = generate_private_key(SECP256R1())
        known = x509.SubjectAlternativeName([x509.DNSName(name), x509.IPAddress(ip_address("127.0.0.1"))])
        signed = _begun(_named(name), self._name, key).add_extension(known, critical=False).sign(self._key, SHA256())
        certificate, private = self._folder / f"{name}.pem", self._folder / f"{name}.key"
        certificate.write_bytes(signed.public_bytes(Encoding.PEM))
        private.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        return certificate, private


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _begun(subject: x509.Name, issuer: x509.Name, key: EllipticCurvePrivateKey) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    made = x509.CertificateBuilder().subject_name(subject).issuer_name(issuer).public_key(key.public_key())
    made = made.serial_number(x509.random_serial_number())
    return made.not_valid_before(now - timedelta(hours=1)).not_valid_after(now + timedelta(hours=1))


@asynccontextmanager
async def tls_before(address: str, authority: Authority) -> AsyncIterator[str]:
    """A listener that lets in whom the authority knows, and passes on to ``address``; gives its own ``HOST:PORT``."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*authority.pair(SERVER_NAME))
    context.load_verify_locations(authority.path)
    context.verify_mode = ssl.CERT_REQUIRED
    context.set_alpn_protocols(["h2"])
    host, _, port = address.rpartition(":")
    writers: list[asyncio.StreamWriter] = []
    under_way: set[asyncio.Task[None]] = set()

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        to_reader, to_writer = await asyncio.open_connection(host, int(port))
        writers.extend((writer, to_writer))
        under_way.update(map(asyncio.create_task, (_pass(reader, to_writer), _pass(to_reader, writer))))

    server = await asyncio.start_server(connected, "127.0.0.1", 0, ssl=context)
    try:
        yield f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()
        for writer in writers:
            writer.transport.abort()
        await asyncio.gather(*under_way, return_exceptions=True)


async def _pass(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while piece := await reader.read(65_536):
            writer.write(piece)
            await writer.drain()
    writer.transport.abort()
