"""The scan field in a browser: the pictures of a public collection, a camera, a hardware scanner, typing."""

import base64
import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import segno
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from tests.journeys.conftest import NewPage
from tests.journeys.place import Site

PICTURES = Path(__file__).parents[3] / "shared" / "data" / "barcode_images"
FORMATS = ("qr_code", "ean_13", "ean_8", "upc_a", "upc_e", "code_128")

_OPEN = """async ([formats]) => {
  const field = document.querySelector("[data-scanner]");
  const scanner = await import([...document.scripts].find(one => one.src.endsWith("/scanner.js")).src);
  const {decoder, wasm} = field.dataset;
  window.readOne = await scanner.openReader({decoder, wasm, formats});
  window.readPicture = scanner.readPicture;
}"""
_READ = """async (pictures) => {
  const found = [];
  for (const picture of pictures) {
    const bytes = Uint8Array.from(atob(picture), sign => sign.charCodeAt(0));
    found.push((await readPicture(readOne, new Blob([bytes]))).map(one => one.text));
  }
  return found;
}"""


def _same(text: str) -> str:
    return text.replace("\r\n", "\n").strip()


def _is(found: str, expected: str) -> bool:
    """The list cuts long texts after 300 characters."""
    return _same(found) == _same(expected) or (
        len(expected) >= 290 and _same(found).startswith(_same(expected))
    )


@pytest.fixture
def counter(site: Site, pc: Page) -> Page:
    site.sign_in(pc, "cashier")
    pc.goto(f"/counter/{site.store}")
    return pc


def test_reads_at_least_what_a_good_decoder_reads_and_nothing_else(counter: Page) -> None:
    if not PICTURES.is_dir():
        pytest.skip(f"the pictures of {PICTURES} are not here")
    with (PICTURES / "expected_reads.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if (PICTURES / row["file"]).exists()]
    counter.evaluate(_OPEN, [list(FORMATS)])
    read = expected = 0
    false: list[tuple[str, list[str]]] = []
    for start in range(0, len(rows), 20):
        part = rows[start : start + 20]
        pictures = [base64.b64encode((PICTURES / row["file"]).read_bytes()).decode() for row in part]
        for row, found in zip(part, counter.evaluate(_READ, pictures), strict=True):
            expected += row["zxingcpp_3.1.1_result"] == "match"
            fits = any(_is(text, row["expected_text"]) for text in found)
            read += row["expected_kind"] == "txt" and fits
            if found and not fits:
                false.append((row["file"], found))
    assert false == []
    assert len(rows) > 100
    assert read >= expected


@pytest.fixture
def film(tmp_path: Path) -> Callable[[str], Path]:
    """Make a second of film on which the camera sees a QR code, as Chromium's fake camera takes it."""

    def made(text: str) -> Path:
        width, height = 640, 480
        picture = tmp_path / "code.png"
        segno.make(text, error="m", micro=False).save(str(picture), scale=8, border=4)
        frame = Image.new("L", (width, height), 200)
        code = Image.open(picture).convert("L")
        frame.paste(code, ((width - code.width) // 2, (height - code.height) // 2))
        grey = bytes([128]) * (width * height // 4)
        path = tmp_path / "code.y4m"
        with path.open("wb") as out:
            out.write(f"YUV4MPEG2 W{width} H{height} F10:1 Ip A1:1 C420\n".encode())
            for _ in range(5):
                out.write(b"FRAME\n" + frame.tobytes() + grey + grey)
        return path

    return made


def _seen_by(launch: Callable[..., Browser], film: Path) -> Browser:
    return launch(
        "--use-fake-device-for-media-stream",
        "--use-fake-ui-for-media-stream",
        f"--use-file-for-fake-video-capture={film}",
    )


def test_the_camera_reads_a_product_once_and_stops(
    site: Site, new_page: NewPage, launch: Callable[..., Browser], film: Callable[[str], Path]
) -> None:
    page = new_page("phone", within=_seen_by(launch, film("B-103")))
    site.sign_in(page, "cashier")
    page.goto(f"/counter/{site.store}")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    expect(page.locator("[data-scan-view]")).to_be_hidden()
    page.locator("[data-scan-camera]").click()
    expect(page.locator(".till-row .row-note .mono")).to_have_text("B-103")
    assert any(url.endswith("zxing_reader.wasm") for url in asked)  # only now
    page.wait_for_timeout(3_000)  # it stays before the camera: still one
    expect(page.locator("[name=quantity]")).to_have_value("1")
    page.locator("[data-scan-stop]").click()
    expect(page.locator("[data-scan-view]")).to_be_hidden()
    assert page.evaluate("document.querySelector('video').srcObject") is None


def test_no_camera_is_said_in_words(site: Site, new_page: NewPage) -> None:
    page = new_page("phone", language="en")
    site.sign_in(page, "cashier")
    page.goto(f"/counter/{site.store}")
    page.locator("[data-scan-camera]").click()
    expect(page.locator("[data-scan-said]")).to_have_text(
        "No camera was found. Use a photo, a hand scanner, or type the code."
    )
    expect(page.locator("[data-scan-view]")).to_be_hidden()


def test_a_photo_is_read(counter: Page, tmp_path: Path) -> None:
    photo = tmp_path / "photo.png"
    segno.make("B-201", micro=False).save(str(photo), scale=6)
    counter.locator("[data-scan-photo]").set_input_files(photo)
    expect(counter.locator(".till-row .row-note .mono")).to_have_text("B-201")
    blank = tmp_path / "blank.png"
    Image.new("RGB", (200, 200), "white").save(blank)
    counter.locator("[data-scan-photo]").set_input_files(blank)
    expect(counter.locator("[data-scan-said]")).to_contain_text("照片中没有找到码")
    text = tmp_path / "text.png"
    text.write_text("no picture")
    counter.locator("[data-scan-photo]").set_input_files(text)
    expect(counter.locator("[data-scan-said]")).to_contain_text("无法读取")


def test_a_hardware_scanner_is_heard_wherever_the_focus_is(counter: Page) -> None:
    counter.evaluate("document.activeElement.blur()")
    counter.keyboard.type("B-101")
    counter.keyboard.press("Enter")
    expect(counter.locator("[name=quantity]")).to_have_value("1")
    quantity = counter.locator("[name=quantity]")
    quantity.focus()
    counter.keyboard.type("B-201")  # into a field that was not meant: it keeps its number
    counter.keyboard.press("Enter")
    expect(counter.locator(".till-row")).to_have_count(2)
    expect(quantity.first).to_have_value("1")


def test_what_people_type_slowly_is_theirs(counter: Page) -> None:
    counter.evaluate(
        "() => { document.activeElement.blur(); window.said = [];"
        " document.addEventListener('scanned', told => said.push(told.detail.text)); }"
    )
    counter.keyboard.type("B-101", delay=120)
    counter.wait_for_timeout(120)
    counter.keyboard.press("Enter")
    assert counter.evaluate("said") == []


def test_sound_off_is_remembered(
    site: Site, new_page: NewPage, launch: Callable[..., Browser], film: Any
) -> None:
    page = new_page("phone", within=_seen_by(launch, film("nothing here")))
    site.sign_in(page, "cashier")
    page.goto(f"/counter/{site.store}")
    page.locator("[data-scan-camera]").click()
    page.locator("[data-scan-sound]").click()
    page.reload()
    page.locator("[data-scan-camera]").click()
    expect(page.locator("[data-scan-sound]")).to_have_attribute("aria-pressed", "false")
