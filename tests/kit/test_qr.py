"""QR codes drawn on the server; that a scanner reads them, tests/journeys/test_offline.py sees."""

from tessera.kit.qr import qr_svg


def test_the_drawing_is_the_code_and_nothing_else() -> None:
    drawn = qr_svg("https://tessera.example/m/12345678")
    assert drawn.startswith("<svg")
    assert "style" not in drawn
    assert "width=" not in drawn.split(">", 1)[0]
