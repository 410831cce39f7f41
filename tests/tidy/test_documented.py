"""What exists is documented: commands, settings, refusal codes, endpoints."""

import re

from tessera.site.command import COMMANDS
from tests.tidy.source import PACKAGE, ROOT, none
from tests.tidy.test_refusals import REFUSALS


def _reference() -> str:
    return "\n".join(
        path.read_text(encoding="utf-8") for path in sorted((ROOT / "docs" / "reference").glob("*.md"))
    )


REFERENCE = _reference()
ENVIRONMENT = re.compile(r"[\"'](TESSERA_[A-Z_]+|DATABASE_URL)[\"']")


def _settings() -> list[str]:
    found: set[str] = set()
    for path in PACKAGE.rglob("*.py"):
        found |= set(ENVIRONMENT.findall(path.read_text(encoding="utf-8")))
    return sorted(found)


def test_commands_are_documented() -> None:
    """Prevents a command that only its author knows."""
    none([name for name in sorted(COMMANDS) if f"tessera {name}" not in REFERENCE])


def test_settings_are_documented() -> None:
    """Prevents a setting that can only be found by reading the source."""
    none([name for name in _settings() if f"`{name}`" not in REFERENCE])


def test_refusals_are_documented() -> None:
    """Prevents a code that a partner's program meets for the first time in production."""
    none([kind.code for kind in REFUSALS if f"`{kind.code}`" not in REFERENCE])


def test_endpoints_are_documented() -> None:
    """Prevents an endpoint that is in the program but not in the reference."""
    from tessera.site.api import api

    paths = api.get_openapi_schema()["paths"]
    named = [f"{method.upper()} {path}" for path, methods in paths.items() for method in methods]
    assert named
    none([name for name in named if name not in REFERENCE])
