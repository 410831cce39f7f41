"""A label as a drawing: pieces in millimetres from the upper left corner. Every way to print draws the same pieces."""

from collections.abc import Sequence
from dataclasses import dataclass, field

__all__ = ["Label", "Line", "Piece", "Qr", "Shape", "Text"]


@dataclass(frozen=True, slots=True)
class Text:
    """Words in a face ("name" or "number") with an em of `size` mm; they begin at `x` and stand on `baseline`."""

    text: str
    face: str
    x: float
    baseline: float
    size: float
    width: float


@dataclass(frozen=True, slots=True)
class Line:
    """A hairline from left to right."""

    x: float
    y: float
    length: float
    thickness: float


@dataclass(frozen=True, slots=True)
class Qr:
    """A QR code in a square of `size` mm; its quiet zone lies around it.

    A printer's whole dots may leave some of the square free: `flush` keeps the code in its lower right corner.
    """

    text: str
    x: float
    y: float
    size: float
    flush: bool = False


@dataclass(frozen=True, slots=True)
class Shape:
    """A filled outline, or with `thickness` only its outline."""

    points: tuple[tuple[float, float], ...]
    thickness: float = 0


Piece = Text | Line | Qr | Shape


@dataclass(frozen=True, slots=True)
class Label:
    """A label of `width` x `height` mm."""

    width: float
    height: float
    pieces: Sequence[Piece] = field(default_factory=tuple)
