"""Text of any script on a label, without a font of our own: Vera comes with reportlab, readers bring the Asian ones."""

import unicodedata
from functools import cache
from itertools import groupby

from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfbase.pdfmetrics import getFont, registerFont, stringWidth
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

_LATIN = "Vera"
#: Fonts that every PDF reader knows by name, and the encoding that holds their characters.
_NAMED = {
    "HeiseiKakuGo-W5": "shift_jis",  # Greek and Cyrillic too
    "STSong-Light": "gb2312",
    "MSung-Light": "big5",
    "HYGothic-Medium": "euc_kr",
}


def draw_text(canvas: Canvas, left: float, base: float, text: str, size: float, width: float) -> None:
    """Draw one line, in points; smaller where it would be wider than ``width``."""
    runs = _runs(text)
    wide = sum(stringWidth(part, font, size) for font, part in runs)
    size = min(size, size * width / wide) if wide else size
    for font, part in runs:
        canvas.setFont(font, size)
        canvas.drawString(left, base, part)
        left += stringWidth(part, font, size)


def _runs(text: str) -> list[tuple[str, str]]:
    """``(font, characters)`` from left to right."""
    drawn = [_drawn(character) for character in unicodedata.normalize("NFC", text)]
    return [(font, "".join(part for _, part in run)) for font, run in groupby(drawn, key=lambda pair: pair[0])]


@cache
def _drawn(character: str) -> tuple[str, str]:
    """A font and what it draws for a character: itself, its plain letter, or a question mark."""
    _register()
    glyphs = getFont(_LATIN).face.charToGlyph
    if ord(character) in glyphs:
        return _LATIN, character
    for font, encoding in _NAMED.items():
        try:
            character.encode(encoding)
        except UnicodeEncodeError:
            continue
        return font, character
    plain = unicodedata.normalize("NFKD", character)[0]
    return _drawn(plain) if plain != character else (_LATIN, "?")


@cache
def _register() -> None:
    registerFont(TTFont(_LATIN, "Vera.ttf"))
    for name in _NAMED:
        registerFont(UnicodeCIDFont(name))
