"""The faces that labels are written in, and how wide words are in them.

Subsets of Noto Sans SC and Noto Sans come with the house (kit/print/fonts). A character that they lack is taken from the font that
`TESSERA_FONT` names, else from one of the system's; a box stands for what no font has. Fonts must have TrueType outlines:
those can be put into a PDF.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from django.conf import settings
from PIL import ImageFont
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFError, TTFont

__all__ = [
    "CAP",
    "Face",
    "Run",
    "drawn_font",
    "fallback_fault",
    "missing_characters",
    "readable",
    "runs_of",
    "width_of",
]

_FOLDER = Path(__file__).parent / "fonts"
_NAMES = ("NotoSansSC-Medium.ttf", "NotoSans-Medium.ttf")
_OURS = {"name": _NAMES, "number": ("NotoSansSC-Number.ttf", *_NAMES)}
_SYSTEM = (
    "/usr/share/fonts/truetype/wqy/wqy-zenhei.ttc",
    "/usr/share/fonts/truetype/wqy/wqy-microhei.ttc",
    "/usr/share/fonts/truetype/arphic/uming.ttc",
    "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf",
    "/Library/Fonts/Arial Unicode.ttf",
    "/System/Library/Fonts/STHeiti Medium.ttc",
    "C:/Windows/Fonts/msyh.ttc",
)
_BOX = "\u25a1"
_WORD = re.compile(r"[^\W\d_\u2e80-\uffff\U00020000-\U0003ffff]+|.", re.DOTALL)

CAP = 0.733
"""Height of capitals and digits in both of our faces, of an em."""


@dataclass(frozen=True, slots=True)
class Face:
    """One font: the name that a PDF knows it by, and where it lies."""

    name: str
    path: str

    @property
    def glyphs(self) -> dict[int, int]:
        """Character -> glyph."""
        found: dict[int, int] = pdfmetrics.getFont(self.name).face.charToGlyph
        return found

    def advance(self, character: str) -> float:
        """Return how far a character moves on, of an em."""
        widths = pdfmetrics.getFont(self.name).face
        return float(widths.charWidths.get(ord(character), widths.defaultWidth)) / 1000


@dataclass(frozen=True, slots=True)
class Run:
    """Words that one font has."""

    face: Face
    text: str
    width: float
    """Of an em."""


@lru_cache(maxsize=8)
def _loaded(path: str) -> Face | None:
    """Return the font, known to PDFs from now on; None where there is none that can be used."""
    if not Path(path).is_file():
        return None
    name = f"Tessera-{Path(path).stem}"
    try:
        pdfmetrics.registerFont(TTFont(name, path))
    except (TTFError, OSError):
        return None
    return Face(name, path)


def _fallback() -> Face | None:
    wanted = str(getattr(settings, "TESSERA_FONT", ""))
    for path in (wanted, *_SYSTEM) if wanted else _SYSTEM:
        if (face := _loaded(path)) is not None:
            return face
    return None


def fallback_fault() -> str:
    """Return what is wrong with the font that `TESSERA_FONT` names; "" if nothing is or none is named."""
    wanted = str(getattr(settings, "TESSERA_FONT", ""))
    if not wanted or _loaded(wanted) is not None:
        return ""
    return "is not there" if not Path(wanted).is_file() else "has no TrueType outlines"


def _faces(face: str) -> Sequence[Face]:
    ours = [_loaded(str(_FOLDER / name)) for name in _OURS[face]]
    return [one for one in (*ours, _fallback()) if one is not None]


def readable(text: str) -> str:
    """Return the words as they can be set: composed, in one line, without marks that are not seen."""
    composed = unicodedata.normalize("NFC", " ".join(text.split()))
    return "".join(one for one in composed if unicodedata.category(one) not in {"Cc", "Cf", "Cs", "Co", "Cn"})


@lru_cache(maxsize=4096)
def runs_of(text: str, face: str) -> tuple[Run, ...]:
    """Return the words in parts, each in the first font that has its characters; a box for what none has.

    A word of letters stays in one font: "Łukasz" does not begin in one hand and end in another.
    """
    faces = _faces(face)
    parts: list[tuple[Face, str]] = []
    for word in _WORD.findall(text):
        whole = next((known for known in faces if _has(known, word)), None)
        for one in [word] if whole is not None else word:
            has = whole or next((known for known in faces if _has(known, one)), None)
            shown, font = (one, has) if has is not None else (_BOX, _faces("name")[0])
            if parts and parts[-1][0] is font:
                parts[-1] = (font, parts[-1][1] + shown)
            else:
                parts.append((font, shown))
    return tuple(Run(font, words, sum(map(font.advance, words))) for font, words in parts)


def _has(face: Face, words: str) -> bool:
    glyphs = face.glyphs
    return all(ord(one) in glyphs for one in words)


def width_of(text: str, face: str) -> float:
    """Return how wide the words are in the face, of an em."""
    return sum(run.width for run in runs_of(text, face))


def missing_characters(text: str) -> str:
    """Return the characters that no font has, each once."""
    faces = _faces("name")
    return "".join(dict.fromkeys(one for one in text if not any(ord(one) in known.glyphs for known in faces)))


@lru_cache(maxsize=64)
def drawn_font(path: str, size: int) -> ImageFont.FreeTypeFont:
    """Return the font with an em of `size` dots, for drawing."""
    return ImageFont.truetype(path, size, layout_engine=ImageFont.Layout.BASIC)
