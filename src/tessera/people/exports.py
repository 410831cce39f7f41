"""What is kept about a person, from all rooms: each room provides a part, `site` wires them (spec/README.md, rule 7)."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from tessera.people.queries import export_person

__all__ = ["EXPORTERS", "assemble_export"]

EXPORTERS: dict[str, Callable[[UUID], Any]] = {"person": export_person}
"""Part of the export -> function of the person's id that returns plain JSON values."""


def assemble_export(person_id: UUID) -> dict[str, Any]:
    """Return all parts about the person, by the rooms' names; refuses `not_found`."""
    return {part: export(person_id) for part, export in EXPORTERS.items()}
