"""What others wrote and we carry is listed, unchanged, and comes with its licence."""

import hashlib
import re
import tomllib
from pathlib import Path

import pytest

SITE = Path("/tmp/h_G_ab/tessera/site")
FOLDERS = [SITE / "static" / "vendor", SITE / "icons"]
LICENCES = {"0BSD", "MIT", "ISC", "BSD-2-Clause", "BSD-3-Clause", "Apache-2.0"}


def assets(folder: Path) -> list[dict]:
    return tomllib.loads((folder / "MANIFEST.toml").read_text(encoding="utf-8"))["asset"]


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_every_file_is_listed_and_unchanged(folder: Path) -> None:
    """Prevents a vendored file that was edited in place, and one that nobody knows the origin of."""
    listed: dict[str, str] = {}
    for asset in assets(folder):
        assert not set(asset["files"]) & set(listed)
        listed |= asset["files"]
    here = {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file() and path.name != "MANIFEST.toml"
    }
    assert here == listed


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_every_asset_says_what_it_is(folder: Path) -> None:
    for asset in assets(folder):
        assert asset["licence"].split(";")[0] in LICENCES, asset["name"]
        assert re.fullmatch(r"\d+(\.\d+)+", asset["version"]), asset["name"]
        assert asset["version"] in asset["source"], asset["name"]
        assert asset["licence_file"] in asset["files"], asset["name"]
        assert len((folder / asset["licence_file"]).read_text(encoding="utf-8")) > 300


def test_icons_are_drawings_only() -> None:
    """Prevents a picture that runs something: icons are written into pages as they stand."""
    for path in (SITE / "icons").glob("*.svg"):
        text = path.read_text(encoding="utf-8")
        assert not re.search(
            r"<(?!/?(svg|path|circle|rect|line|polyline|polygon|ellipse)\b)(?!!--)\w+", text
        ), path.name
        assert not re.search(r"\bon\w+=|href|style=", text), path.name


def test_pages_load_little_before_they_are_seen() -> None:
    """Prevents style sheets and scripts of every page from growing unseen (member pages: 150 kB over the wire in all)."""
    import gzip

    static = SITE / "static"
    first = ["tessera/css/tokens.css", "tessera/css/base.css", "tessera/css/components.css", "tessera/js/app.js",
             "tessera/js/live.js", "tessera/js/tally.js", "vendor/htmx/htmx.min.js"]  # fmt: skip
    sizes = {name: len(gzip.compress((static / name).read_bytes(), 6)) for name in first}
    assert sum(sizes.values()) < 40_000, sizes


def test_style_sheets_know_no_colour_of_their_own() -> None:
    """Prevents a colour that dark mode does not know: components use the names of tokens.css."""
    found = []
    for path in sorted((SITE / "static" / "tessera" / "css").glob("*.css")):
        if path.name == "tokens.css":
            continue
        text = re.sub(r"/\*.*?\*/", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
        for number, line in enumerate(text.splitlines(), 1):
            # a QR code and paper are black on white in every theme; over a camera's picture there is no theme
            if re.search(r"#[0-9a-fA-F]{3,8}\b(?![^{]*\{)|\b(?:rgb|hsl)a?\(", line) and not re.search(
                r"\.qr|\.scanner|scan-|print|#fff;|#000;", line
            ):
                found.append(f"{path.name}:{number} {line.strip()[:100]}")
    assert found == []
