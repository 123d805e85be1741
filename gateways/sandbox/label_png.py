"""A drop-off code as a picture that a phone can show."""

from io import BytesIO

import segno

#: Pixels of the smallest dot: 8 makes a picture of about 230 pixels a side.
_DOT = 8


def draw_code(code: str) -> bytes:
    """The QR code's PNG bytes, with the quiet zone that scanners ask for."""
    buffer = BytesIO()
    # Level Q: a quarter of the picture may be unreadable, as behind a cracked screen.
    segno.make(code, error="q", micro=False).save(buffer, kind="png", scale=_DOT)
    return buffer.getvalue()
