"""Text of any script on a label, without a font of our own: Vera comes with reportlab, readers bring the Asian ones.

What none of them has is written in Latin letters, as ``anyascii`` spells it; emoji are left out.
"""

import unicodedata
from functools import cache
from itertools import groupby

from anyascii import anyascii
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
#: Symbols that are no sign of any script, skin tones, joiners, marks without a letter: what emoji are made of.
_SYMBOLS = frozenset({"So", "Sk", "Cf", "Me", "Co", "Cn"})


def draw_text(canvas: Canvas, left: float, base: float, text: str, size: float, width: float) -> None:
    """Draw one line, in points; smaller where it would be wider than ``width``."""
    runs = _runs(text)
    wide = sum(stringWidth(part, font, size) for font, part in runs)
    size = min(size, size * width / wide) if wide else size
    for font, part in runs:
        canvas.setFont(font, size)
        canvas.drawString(left, base, part)
        left += stringWidth(part, font, size)


def printed(text: str) -> str:
    """The line as the fonts can show it; empty where nothing of it can be shown."""
    drawn = "".join(_drawn(character)[1] for character in unicodedata.normalize("NFC", text))
    return " ".join(drawn.split())


def _runs(text: str) -> list[tuple[str, str]]:
    """``(font, characters)`` from left to right."""
    drawn = [_drawn(character) for character in printed(text)]
    return [(font, "".join(part for _, part in run)) for font, run in groupby(drawn, key=lambda pair: pair[0])]


@cache
def _drawn(character: str) -> tuple[str, str]:
    """A font and what it draws for a character: itself, its plain letter, or how it is spelt in Latin ones."""
    if unicodedata.category(character) == "Cc":
        return _LATIN, " " if character.isspace() else ""
    font = _font_of(character)
    if font:
        return font, character
    plain, *marks = list(unicodedata.normalize("NFKD", character))
    font = _font_of(plain)
    if font and all(unicodedata.combining(mark) for mark in marks):
        return font, plain
    if unicodedata.category(character) in _SYMBOLS:
        return _LATIN, ""
    return _LATIN, anyascii(character)


def _font_of(character: str) -> str | None:
    """The first font that has it."""
    _register()
    if getFont(_LATIN).face.charToGlyph.get(ord(character)):  # 0 is the box that stands for what it lacks
        return _LATIN
    if unicodedata.name(character, "").startswith("LATIN"):  # no reader needs an Asian font for a Latin name
        return None
    for font, encoding in _NAMED.items():
        try:
            character.encode(encoding)
        except UnicodeEncodeError:
            continue
        return font
    return None


@cache
def _register() -> None:
    registerFont(TTFont(_LATIN, "Vera.ttf"))
    for name in _NAMED:
        registerFont(UnicodeCIDFont(name))
