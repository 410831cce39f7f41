"""The audit trail speaks to its reader: whatever an action writes into it has words."""

import re
from pathlib import Path

import tessera
from tessera.site.deeds import KINDS, VERBS

_SOURCE = Path(tessera.__file__).parent


def _written(pattern: str) -> set[str]:
    """What actions give as `verb` or `object_kind`, wherever it stands in the source."""
    return {word for path in _SOURCE.rglob("*.py") for word in re.findall(pattern, path.read_text())}


def test_every_deed_in_the_trail_has_words() -> None:
    assert sorted(_written(r'\bverb="([a-z_]+)"') - VERBS.keys()) == []


def test_every_kind_of_thing_in_the_trail_has_words() -> None:
    assert sorted(_written(r'object_kind="([a-z_]+)"') - KINDS.keys()) == []
