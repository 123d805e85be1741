"""HTTP as uvicorn reads it, but what cannot be read is told as every other failure is."""

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from starter.api.problems import MALFORMED, Failure, answer


class Protocol(HttpToolsProtocol):
    """One connection."""

    def send_400_response(self, msg: str) -> None:
        """See uvicorn: the request is no HTTP, or its address is longer than it reads."""
        told = answer(Failure(MALFORMED, msg))
        headers = [b": ".join(header) for header in told.raw_headers]
        lines = [b"HTTP/1.1 400 Bad Request", *headers, b"connection: close", b"", told.body]
        self.transport.write(b"\r\n".join(lines))
        self.transport.close()
