"""Labels: drawn in millimetres, the same as dots, as PDF and as SVG."""

import hashlib
import io
import re
import tomllib
import zlib
from pathlib import Path

import pytest
import zxingcpp

from tessera.kit.print import fonts
from tessera.kit.print.bitmap import bitmap_of, black_bytes, dark_runs, qr_modules
from tessera.kit.print.label import Label, Line, Qr, Text
from tessera.kit.print.pdf import Sheet, fitting_sheet, write_labels, write_sheets
from tessera.kit.print.svg import svg_of

ADDRESS = "https://tessera.example/circle/evt_06b3k1m2n3p4q5r6s7t8v9w0xx/17"
FOLDER = Path(fonts.__file__).parent / "fonts"


def words(text: str, face: str = "name", size: float = 8, x: float = 2, baseline: float = 12) -> Text:
    return Text(text, face, x, baseline, size, fonts.width_of(text, face) * size)


def unescaped(raw: bytes) -> bytes:
    return re.sub(rb"\\([()\\])", rb"\1", re.sub(rb"\\(\d{3})", lambda octal: bytes([int(octal[1], 8)]), raw))


def texts_of_pdf(content: bytes) -> list[str]:
    """The words of a PDF, through the fonts' own maps to Unicode, as a reader that copies them gets them."""
    objects = {found[1]: found[2] for found in re.finditer(rb"(\d+) 0 obj\s(.*?)endobj", content, re.DOTALL)}

    def stream(number: bytes) -> bytes:
        inner = re.search(rb"stream\r?\n(.*)endstream", objects[number], re.DOTALL)
        assert inner is not None
        return zlib.decompressobj().decompress(inner[1])

    maps: dict[bytes, dict[int, str]] = {}
    for body in objects.values():
        name, known = re.search(rb"/Name /(F\d+\+\d+)", body), re.search(rb"/ToUnicode (\d+) 0 R", body)
        if name and known:
            pairs = re.findall(rb"<(\w\w)> <(\w{4})>\n", stream(known[1]).partition(b"beginbfchar")[2])
            maps[name[1]] = {int(code, 16): chr(int(letter, 16)) for code, letter in pairs}
    said = []
    for page in re.findall(rb"/Contents (\d+) 0 R", content):
        for line in re.findall(rb"BT (.*?) ET", stream(page), re.DOTALL):
            parts = re.findall(rb"/(F\d+\+\d+) [\d.]+ Tf [\d.]+ TL \(((?:\\.|[^\\)])*)\) Tj", line, re.DOTALL)
            said.append("".join(maps[font][code] for font, raw in parts for code in unescaped(raw)))
    return [line for line in said if line]


def boxes_of_pdf(content: bytes) -> list[tuple[float, float]]:
    return [
        (round(float(found[1]) / 72 * 25.4, 2), round(float(found[2]) / 72 * 25.4, 2))
        for found in re.finditer(rb"/MediaBox \[ 0 0 ([\d.]+) ([\d.]+) \]", content)
    ]


def test_the_fonts_are_those_of_the_manifest() -> None:
    assets = tomllib.loads((FOLDER / "MANIFEST.toml").read_text(encoding="utf-8"))["asset"]
    assert {asset["licence"] for asset in assets} == {"OFL-1.1"}
    listed = {name: digest for asset in assets for name, digest in asset["files"].items()}
    assert {name: hashlib.sha256((FOLDER / name).read_bytes()).hexdigest() for name in listed} == listed
    assert {file.name for file in FOLDER.iterdir()} == {*listed, "MANIFEST.toml"}


def test_the_fonts_have_the_characters_of_names(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fonts, "_fallback", lambda: None)
    assert fonts.missing_characters("陈小美 欧阳 堃喆赟䶮 陳麗華 Łukasz Žofia ¥ ￥ € … · ひろし Анна") == ""


def test_a_word_stays_in_one_font() -> None:
    assert [run.text for run in fonts.runs_of("王 Łukasz Lee", "name")] == ["王 ", "Łukasz", " Lee"]


def test_what_no_font_has_becomes_a_box(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fonts, "_fallback", lambda: None)
    fonts.runs_of.cache_clear()
    assert fonts.missing_characters("A\U0001f388") == "\U0001f388"
    assert "".join(run.text for run in fonts.runs_of("A\U0001f388", "name")) == "A□"


def test_words_are_set_without_what_cannot_be_seen() -> None:
    assert fonts.readable(" Mei\u200b \n Chen\u0301\ufffe") == "Mei Cheń"


def test_a_font_that_is_not_there_or_of_another_kind_is_named(settings, tmp_path: Path) -> None:
    settings.TESSERA_FONT = str(tmp_path / "none.ttf")
    assert fonts.fallback_fault() == "is not there"
    (tmp_path / "other.ttf").write_bytes(b"OTTO" + bytes(100))
    settings.TESSERA_FONT = str(tmp_path / "other.ttf")
    assert fonts.fallback_fault() == "has no TrueType outlines"
    settings.TESSERA_FONT = str(FOLDER / "NotoSansSC-Medium.ttf")
    assert fonts.fallback_fault() == ""


def test_dots_are_whole_and_where_they_should_be() -> None:
    dots = bitmap_of(Label(30, 20, (Line(5, 10, 20, 0.25),)), 8)
    assert (dots.mode, dots.size) == ("1", (240, 160))
    black = {(x, y) for x in range(240) for y in range(160) if not dots.getpixel((x, y))}
    assert black == {(x, y) for x in range(40, 200) for y in (80, 81)}


def test_words_take_the_room_they_say() -> None:
    """Prevents names that run over the edge: fonts measure and Pillow draws."""
    piece = words("陈小美 Mei", size=6)
    dots = bitmap_of(Label(60, 20, (piece,)), 12)
    box = dots.point(lambda bit: 255 - bit, "L").getbbox()
    assert box is not None
    assert abs(box[0] - piece.x * 12) < 8
    assert abs(box[2] - (piece.x + piece.width) * 12) < 12


def test_rows_are_filled_up_with_white() -> None:
    dots = bitmap_of(Label(21, 15, (Line(0, 0, 21, 1),)), 6)
    rows, per_row = black_bytes(dots)
    assert (per_row, len(rows)) == (16, 16 * 90)
    assert rows[:16] == b"\xff" * 15 + b"\xfc"
    assert rows[16 * 6 :] == bytes(16 * 84)


@pytest.mark.parametrize("dots_per_mm", [6, 8, 12])
def test_a_scanner_reads_the_printed_code(dots_per_mm: int) -> None:
    dots = bitmap_of(Label(40, 40, (Qr(ADDRESS, 10, 10, 18),)), dots_per_mm)
    [read] = zxingcpp.read_barcodes(dots.convert("L"))
    assert read.text == ADDRESS


def test_runs_of_dark_modules_are_the_code() -> None:
    rows = qr_modules("T")
    again = [[False] * len(rows) for _ in rows]
    for y, row in enumerate(rows):
        for start, length in dark_runs(row):
            again[y][start : start + length] = [True] * length
    assert again == rows


def test_a_label_is_a_page_of_its_size_and_its_words_can_be_copied() -> None:
    out = io.BytesIO()
    label = Label(
        80, 50, (words("A017", "number", 20), words("陈小美 ¥ Łukasz", baseline=30), Qr(ADDRESS, 60, 30, 15))
    )
    assert write_labels(out, [label, Label(50, 30, (words("Lee"),))], title="Badges") == 2
    assert boxes_of_pdf(out.getvalue()) == [(80, 50), (50, 30)]
    assert texts_of_pdf(out.getvalue()) == ["A017", "陈小美 ¥ Łukasz", "Lee"]


def test_sheets_take_as_many_as_fit() -> None:
    assert fitting_sheet(width=80, height=50, paper="a4") == Sheet(297, 210, 3, 4, 0)
    assert fitting_sheet(width=80, height=50, paper="a4", columns=2, rows=5) == Sheet(210, 297, 2, 5, 0)
    assert fitting_sheet(width=105, height=148, paper="a4", margin=0) == Sheet(210, 297, 2, 2, 0)
    assert fitting_sheet(width=105, height=148, paper="a4", columns=3) is None
    assert fitting_sheet(width=210, height=300, paper="letter") is None
    small = fitting_sheet(width=40, height=30, paper="letter", gap=3)
    assert small is not None
    assert small.per_page <= 12


def test_sheets_begin_where_labels_are_left() -> None:
    out = io.BytesIO()
    sheet = Sheet(210, 297, 2, 2, gap=4, skip=3)
    labels = [Label(80, 50, (words(f"{place:03d}", "number"),)) for place in range(6)]
    assert write_sheets(out, labels, sheet=sheet, title="Badges") == 6
    assert boxes_of_pdf(out.getvalue()) == [(210, 297)] * 3
    assert texts_of_pdf(out.getvalue()) == [f"{place:03d}" for place in range(6)]


def test_the_drawing_for_browsers_is_escaped_and_has_no_styles() -> None:
    drawn = svg_of(Label(50, 30, (words('<b>&"Lee'), Qr(ADDRESS, 30, 10, 15))), name="A & B")
    assert "<b>" not in drawn
    assert "style" not in drawn
    assert 'width="50mm" height="30mm"' in drawn
    assert 'aria-label="A &amp; B"' in drawn
