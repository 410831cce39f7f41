"""The design tokens as the style sheet has them, and the contrast of what is written on what (WCAG 2.2)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from tessera.site.assets import STATIC_DIR

__all__ = ["PAIRS", "Pair", "contrast", "lengths", "palettes"]

_TOKENS = STATIC_DIR / "tessera" / "css" / "tokens.css"
_BLOCK = re.compile(r"([^{}]+)\{([^{}]*)\}")
_TOKEN = re.compile(r"--([\w-]+):\s*([^;]+);")

TEXT, LARGE, SHAPE = 4.5, 3.0, 3.0
"""Least contrast of text, of large text, and of what has to be seen to use a control (WCAG 1.4.3 AA, 1.4.11)."""


@dataclass(frozen=True, slots=True)
class Pair:
    """A colour that stands on another one somewhere in the product, and the least contrast it needs."""

    front: str
    back: str
    least: float = TEXT


PAIRS = (
    *(Pair(front, back) for back in ("paper", "paper-raised", "paper-sunk") for front in ("ink", "ink-soft")),
    *(
        Pair(front, back)
        for back in ("paper", "paper-raised")
        for front in ("accent", "accent-strong", "fits", "warn")
    ),
    Pair("accent", "paper-sunk", LARGE),
    Pair("on-accent", "accent"),
    Pair("on-accent", "accent-strong"),
    Pair("accent", "accent-wash"),
    Pair("ink", "accent-wash"),
    Pair("fits", "fits-wash"),
    Pair("ink", "fits-wash"),
    Pair("warn", "warn-wash"),
    Pair("ink", "warn-wash"),
    Pair("paper", "ink"),
    Pair("paper", "fits", LARGE),
    *(Pair("outline", back, SHAPE) for back in ("paper", "paper-raised")),
    *(Pair(f"chart-{number}", back, SHAPE) for number in (1, 2, 3, 4) for back in ("paper", "paper-raised")),
)
"""Everything that is written or drawn on something; a test computes each in both themes."""


@cache
def palettes() -> Mapping[str, Mapping[str, str]]:
    """Return the colours of each theme: "light", "dark" (as the reader's system asks), "dark-chosen"."""
    light: dict[str, str] = {}
    dark: dict[str, str] = {}
    chosen: dict[str, str] = {}
    for selector, tokens in _blocks():
        colours = {name: value for name, value in tokens.items() if re.fullmatch(r"#[0-9a-f]{6}", value)}
        if ":not(" in selector:
            dark |= colours
        elif 'data-theme="dark"' in selector:
            chosen |= colours
        elif "lang" not in selector:
            light |= colours
    return {"light": light, "dark": light | dark, "dark-chosen": light | chosen}


def lengths(prefix: str) -> list[tuple[str, str]]:
    """Return the tokens whose name begins with `prefix`, in their order: ("space-1", "0.25rem")."""
    first = next(tokens for selector, tokens in _blocks() if selector.strip().endswith(":root"))
    return [(name, value) for name, value in first.items() if name.startswith(prefix)]


def _blocks() -> list[tuple[str, dict[str, str]]]:
    text = re.sub(r"/\*.*?\*/", "", _TOKENS.read_text(encoding="utf-8"), flags=re.DOTALL)
    return [(selector, dict(_TOKEN.findall(body))) for selector, body in _BLOCK.findall(text)]


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colours (#rrggbb), 1 to 21."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    red, green, blue = (_linear(int(colour[place : place + 2], 16) / 255) for place in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
