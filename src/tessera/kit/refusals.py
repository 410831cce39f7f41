"""Refusals: the expected no, with a stable code, a sentence in both languages and what would have to change.

Source: spec/README.md, rule 2; RFC 9457.
"""

from collections.abc import Mapping
from typing import Any, ClassVar

__all__ = ["LANGUAGES", "Refusal", "all_refusals"]

LANGUAGES = ("zh-Hans", "en")


class Refusal(Exception):  # noqa: N818 - no error: an expected no
    """A request that was understood and is answered with no.

    Subclasses live in a room's errors.py and set `code` (stable, snake_case), `status` (HTTP) and
    `sentence` (one per language; `{names}` are filled from `details`). `details` are plain JSON values that say
    what would have to be different (`available`, `needed`, `valid_from`, ...).
    """

    code: ClassVar[str] = "refused"
    status: ClassVar[int] = 422
    sentence: ClassVar[Mapping[str, str]] = {"en": "This was refused.", "zh-Hans": "此操作未被接受。"}

    def __init__(self, **details: Any) -> None:
        super().__init__(self.code)
        self.details = details

    def message(self, language: str) -> str:
        """Return the sentence in `language` ("zh-Hans" or "en"), filled with the details."""
        return self.sentence[language].format_map(self.details)

    def problem(self, language: str) -> dict[str, Any]:
        """Return the RFC 9457 problem document for this refusal."""
        return {
            "type": f"urn:tessera:refusal:{self.code}",
            "title": self.code.replace("_", " "),
            "status": self.status,
            "code": self.code,
            "detail": self.message(language),
            "details": self.details,
        }

    def __str__(self) -> str:
        return self.message("en")

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Refusal) and (self.code, self.details) == (other.code, other.details)

    def __hash__(self) -> int:
        return hash(self.code)


def all_refusals() -> dict[str, type[Refusal]]:
    """Return every refusal class that is loaded, by code. Raises ValueError where two classes share a code."""
    found: dict[str, type[Refusal]] = {}
    waiting = list(Refusal.__subclasses__())
    while waiting:
        kind = waiting.pop()
        waiting.extend(kind.__subclasses__())
        if found.setdefault(kind.code, kind) is not kind:
            raise ValueError(f"refusal code {kind.code!r} is used by {found[kind.code]} and {kind}")
    return found
