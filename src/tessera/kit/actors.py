"""Who acts: every write names an actor, every audit line shows one."""

from dataclasses import dataclass
from uuid import UUID

__all__ = ["SYSTEM", "Actor"]


@dataclass(frozen=True, slots=True)
class Actor:
    """One who acts: `kind` is "key" (API key), "person", "operator" (command line) or "system" (job).

    `id` identifies the key or person; `merchant_id` is the merchant whose hat is worn (None: the platform's);
    `scopes` are what the credential allows.
    """

    kind: str
    id: UUID | None = None
    merchant_id: UUID | None = None
    scopes: frozenset[str] = frozenset()

    @property
    def name(self) -> str:
        """How the audit trail writes this actor: kind, or kind:id."""
        return f"{self.kind}:{self.id}" if self.id else self.kind


SYSTEM = Actor(kind="system")
