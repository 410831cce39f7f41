"""Between a number and a signed-in person: kept in the server's session, never in an address, a cookie or a field."""

from dataclasses import asdict, dataclass, replace
from datetime import datetime
from uuid import UUID

from django.http import HttpRequest

from tessera.people.rules import CODE_LASTS_S

__all__ = ["Pending", "drop_pending", "find_pending", "keep_pending", "prove_pending"]

_KEY = "sign_in"


@dataclass(frozen=True, slots=True)
class Pending:
    """Whom this browser is signing in: the number, the code that was sent, where to go on."""

    phone: str
    code: str
    sent_at: str
    next: str
    digits: str = ""
    """The code itself, only where TESSERA_SHOW_CODES puts it on the page."""
    proven_at: str = ""
    """When the code matched; a new member still has to agree to the terms."""

    @property
    def code_id(self) -> UUID:
        """The row of the code."""
        return UUID(self.code)

    def age_s(self, now: datetime) -> int:
        """Return how long ago the code was sent."""
        return int((now - datetime.fromisoformat(self.sent_at)).total_seconds())

    def is_proven(self, now: datetime) -> bool:
        """Return whether the number was proven in the last ten minutes."""
        if not self.proven_at:
            return False
        return (now - datetime.fromisoformat(self.proven_at)).total_seconds() < CODE_LASTS_S


def find_pending(request: HttpRequest) -> Pending | None:
    """Return what this browser has begun, or None."""
    kept = request.session.get(_KEY)
    return Pending(**kept) if isinstance(kept, dict) else None


def keep_pending(request: HttpRequest, pending: Pending) -> None:
    """Remember it for this browser."""
    request.session[_KEY] = asdict(pending)


def prove_pending(request: HttpRequest, pending: Pending, *, now: datetime) -> None:
    """Remember that the code matched."""
    keep_pending(request, replace(pending, proven_at=now.isoformat(), digits=""))


def drop_pending(request: HttpRequest) -> None:
    """Forget it."""
    request.session.pop(_KEY, None)
