"""A shipping label on a 4 x 6 inch page, with a Code 128 barcode of the tracking code."""

from collections.abc import Mapping
from io import BytesIO
from typing import Any

from reportlab.graphics.barcode.code128 import Code128
from reportlab.lib.units import inch, mm
from reportlab.pdfgen.canvas import Canvas

from gateways.sandbox.label_text import draw_text, printed

_PAGE = (4 * inch, 6 * inch)
_LEFT = 6 * mm


def draw_label(
    return_id: str,
    tracking_code: str,
    sender: Mapping[str, Any],
    to: Mapping[str, Any],
    *,
    heading: str = "RETURN · PREPAID",
) -> bytes:
    """The PDF's bytes."""
    buffer = BytesIO()
    canvas = Canvas(buffer, pagesize=_PAGE)
    canvas.setTitle(f"Label of return {return_id}")
    canvas.setFont("Helvetica-Bold", 14)
    canvas.drawString(_LEFT, 5.6 * inch, heading)
    _address(canvas, 5.2 * inch, "From", sender, 9)
    _address(canvas, 3.9 * inch, "To", to, 12)
    canvas.line(_LEFT, 2.35 * inch, _PAGE[0] - _LEFT, 2.35 * inch)
    # reportlab centres nothing by itself and widens each bar by the code's length.
    barcode = Code128(tracking_code, barHeight=22 * mm, barWidth=1.1)
    barcode.drawOn(canvas, (_PAGE[0] - barcode.width) / 2, 1.15 * inch)
    canvas.setFont("Courier-Bold", 13)
    canvas.drawCentredString(_PAGE[0] / 2, 0.85 * inch, tracking_code)
    canvas.setFont("Helvetica", 9)
    canvas.drawCentredString(_PAGE[0] / 2, 0.5 * inch, f"Return {return_id}")
    canvas.save()
    return buffer.getvalue()


def _address(canvas: Canvas, top: float, title: str, address: Mapping[str, Any], size: int) -> None:
    canvas.setFont("Helvetica", 7)
    canvas.drawString(_LEFT, top, title.upper())
    for number, line in enumerate(address_lines(address), start=1):
        draw_text(canvas, _LEFT, top - number * size * 1.3, line, size, _PAGE[0] - 2 * _LEFT)


def address_lines(address: Mapping[str, Any]) -> list[str]:
    """An address as it is printed, lines left out of which nothing can be."""
    place = " ".join(str(address[key]) for key in ("city", "state", "postal_code") if address.get(key))
    lines = [address.get("name"), address.get("line1"), address.get("line2"), place, address.get("country")]
    return [line for line in (printed(str(given or "")) for given in lines) if line]
