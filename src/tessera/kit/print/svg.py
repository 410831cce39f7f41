"""A label as SVG: for the page that a browser prints, and for what organisers see while they design."""

from xml.sax.saxutils import escape, quoteattr

from django.utils.safestring import SafeString, mark_safe

from tessera.kit.print.bitmap import dark_runs, qr_modules
from tessera.kit.print.label import Label, Line, Qr, Shape, Text

__all__ = ["svg_of"]


def svg_of(label: Label, *, name: str = "") -> SafeString:
    """Return the label as inline SVG; black on white whatever the theme. `name`: what a screen reader says.

    Words are set in the reader's fonts and stretched to the width that ours have, so that nothing runs over.
    """
    told = f'role="img" aria-label={quoteattr(name)}' if name else 'aria-hidden="true"'
    drawn = "".join(map(_drawn, label.pieces))
    return mark_safe(  # noqa: S308 - numbers, and words escaped below
        f'<svg class="label" viewBox="0 0 {label.width:g} {label.height:g}" width="{label.width:g}mm" '
        f'height="{label.height:g}mm" {told}><rect width="{label.width:g}" height="{label.height:g}" fill="#fff"/>{drawn}</svg>'
    )


def _drawn(piece: Text | Line | Qr | Shape) -> str:
    if isinstance(piece, Line):
        return f'<rect x="{piece.x:.3f}" y="{piece.y:.3f}" width="{piece.length:.3f}" height="{piece.thickness:.3f}" fill="#000"/>'
    if isinstance(piece, Shape):
        points = " ".join(f"{x:.3f},{y:.3f}" for x, y in piece.points)
        paint = (
            f'fill="none" stroke="#000" stroke-width="{piece.thickness:.3f}"'
            if piece.thickness
            else 'fill="#000"'
        )
        return f'<polygon points="{points}" {paint} stroke-linejoin="round"/>'
    if isinstance(piece, Qr):
        return _qr(piece)
    return (
        f'<text class="label-{piece.face}" x="{piece.x:.3f}" y="{piece.baseline:.3f}" font-size="{piece.size:.3f}" '
        f'textLength="{piece.width:.3f}" lengthAdjust="spacingAndGlyphs" fill="#000">{escape(piece.text)}</text>'
    )


def _qr(piece: Qr) -> str:
    rows = qr_modules(piece.text)
    module = piece.size / len(rows)
    path = "".join(
        f"M{start} {y}h{length}v1h-{length}z"
        for y, row in enumerate(rows)
        for start, length in dark_runs(row)
    )
    return (
        f'<path transform="translate({piece.x:.3f} {piece.y:.3f}) scale({module:.5f})" d="{path}" fill="#000" '
        'shape-rendering="crispEdges"/>'
    )
