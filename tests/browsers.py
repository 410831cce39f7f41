"""Which browser the tests and scripts drive, and what its screens are like."""

import os
import shutil
from typing import Any

SCREENS: dict[str, dict[str, Any]] = {
    "phone": {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True},
    "pc": {"viewport": {"width": 1440, "height": 900}},
}
LOCALES = {"zh": "zh-CN", "en": "en-GB"}
FLAGS = ("--no-sandbox", "--disable-background-networking", "--disable-component-update", "--no-first-run")


def find_chromium() -> str | None:
    """Return the browser: TESSERA_CHROMIUM, or Chromium or Chrome on the PATH."""
    named = os.environ.get("TESSERA_CHROMIUM")
    names = (named,) if named else ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    return next((found for one in names if (found := shutil.which(one))), None)
