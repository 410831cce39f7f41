"""QR codes as SVG: dark on white whatever the theme, since scanners expect that."""

import segno
from django.utils.safestring import SafeString, mark_safe

__all__ = ["qr_svg"]


def qr_svg(text: str, *, border: int = 2) -> SafeString:
    """Return `text` as a QR code that fills its frame; the frame carries the name for screen readers.

    Middle error correction: a screen has scratches and reflections. `border`: white modules around it; the component's
    own padding makes up the four that the standard asks for.
    """
    made = segno.make(text, error="m", micro=False, boost_error=False)
    drawn = made.svg_inline(
        border=border, dark="#000", light="#fff", omitsize=True, svgclass=None, lineclass=None
    )
    return mark_safe(drawn)  # noqa: S308 - segno writes numbers only
