"""The build's mark: static files lie under an address that changes with their content, so browsers keep them."""

import hashlib
from pathlib import Path

__all__ = ["STATIC_DIR", "build_mark"]

STATIC_DIR = Path(__file__).parent / "static"


def build_mark() -> str:
    """Return twelve characters that change when any static file changes."""
    total = hashlib.sha256()
    for path in sorted(STATIC_DIR.rglob("*")):
        if path.is_file():
            total.update(path.relative_to(STATIC_DIR).as_posix().encode())
            total.update(path.read_bytes())
    return total.hexdigest()[:12]
