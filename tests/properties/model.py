"""The ledger of one merchant's points in plain Python, written from spec/ledger.md and spec/points.md, not from the SQL.

A command is judged alone, against plain lists of lots. It is slow, obvious, and knows nothing of locks or batches.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID

__all__ = ["Accrue", "Activate", "Burn", "Expire", "Model", "Reverse"]


@dataclass(frozen=True)
class Accrue:
    """Points come in; `shared` of them are funded by another account than the merchant's own."""

    id: UUID
    member: UUID
    request: str
    points: int
    active_from: datetime
    expires_at: datetime | None
    shared: int = 0


@dataclass(frozen=True)
class Burn:
    id: UUID
    member: UUID
    request: str
    points: int


@dataclass(frozen=True)
class Expire:
    id: UUID
    member: UUID
    request: str
    lot: UUID
    points: int


@dataclass(frozen=True)
class Reverse:
    id: UUID
    member: UUID
    request: str
    of: UUID
    amount: int | None
    shortfall: str
    reopen_until: datetime | None


@dataclass(frozen=True)
class Activate:
    member: UUID
    request: str
    lot: UUID
    active_from: datetime
    expires_at: datetime | None


@dataclass
class Lot:
    id: UUID
    earned_at: datetime
    active_from: datetime
    expires_at: datetime | None
    remaining: int

    def is_over(self, now: datetime) -> bool:
        return self.expires_at is not None and self.expires_at <= now

    def is_pending(self, now: datetime) -> bool:
        return self.active_from > now

    @property
    def place(self) -> tuple[bool, datetime, datetime, UUID]:
        """What expires first is spent first; what never expires, last; then what was earned first."""
        never = self.expires_at is None
        return never, self.earned_at if never else self.expires_at, self.earned_at, self.id


@dataclass
class Done:
    """A transfer that took place, what it took from which lots, and how much of it was undone."""

    command: Any
    amount: int
    taken: dict[UUID, int] = field(default_factory=dict)
    undone: int = 0
    is_reversal: bool = False


Outcome = tuple[str, Any]


class Model:
    """Two members, one merchant."""

    def __init__(self) -> None:
        self.lots: dict[UUID, dict[UUID, Lot]] = {}
        self.owed: dict[UUID, int] = {}
        self.given = 0
        self.breakage = 0
        self.done: dict[UUID, Done] = {}
        self.requests: dict[tuple[UUID, str], Any] = {}
        self.activations: dict[tuple[UUID, str], Activate] = {}

    # --- what can be seen -----------------------------------------------------------------------------------------

    def balance(self, member: UUID) -> int:
        return sum(lot.remaining for lot in self.lots.get(member, {}).values())

    def remaining(self, member: UUID) -> list[int]:
        return [lot.remaining for _, lot in sorted(self.lots.get(member, {}).items())]

    def available(self, member: UUID, now: datetime) -> int:
        return sum(lot.remaining for lot in self._spendable(member, now))

    def pending(self, member: UUID, now: datetime) -> int:
        return sum(lot.remaining for lot in self.lots.get(member, {}).values() if lot.is_pending(now))

    def _spendable(self, member: UUID, now: datetime) -> list[Lot]:
        lots = self.lots.get(member, {}).values()
        return sorted(
            (lot for lot in lots if not lot.is_pending(now) and not lot.is_over(now) and lot.remaining),
            key=lambda lot: lot.place,
        )

    # --- what can happen ------------------------------------------------------------------------------------------

    def post(self, commands: list[Any], now: datetime) -> list[Outcome]:
        """Answer a batch: in order, but a request id that comes twice is asked again after all the others."""
        answers: list[Outcome] = [("", None)] * len(commands)
        waiting = list(range(len(commands)))
        while waiting:
            seen: set[tuple[UUID, str]] = set()
            later = []
            for index in waiting:
                command = commands[index]
                key = (command.member, command.request)
                if key in seen:
                    later.append(index)
                else:
                    seen.add(key)
                    answers[index] = self._post(command, now)
            waiting = later
        return answers

    def _post(self, command: Any, now: datetime) -> Outcome:
        first = self.requests.get((command.member, command.request))
        if first is not None:
            same = _content(first) == _content(command)
            return ("repeat", first.id) if same else ("id_reused", {"request_id": command.request})
        judge = {Accrue: self._accrue, Burn: self._burn, Expire: self._expire, Reverse: self._reverse}
        refusal = judge[type(command)](command, now)
        if refusal is not None:
            return refusal
        self.requests[command.member, command.request] = command
        return "posted", command.id

    def _accrue(self, command: Accrue, now: datetime) -> None:
        lot = Lot(command.id, now, command.active_from, command.expires_at, command.points)
        self.lots.setdefault(command.member, {})[command.id] = lot
        self.done[command.id] = Done(command, command.points)
        self.given += command.points
        paid = min(self.owed.get(command.member, 0), command.points)
        if paid:
            lot.remaining -= paid
            self.owed[command.member] -= paid
            self.given -= paid

    def _burn(self, command: Burn, now: datetime) -> Outcome | None:
        available = self.available(command.member, now)
        if available < command.points:
            pending = self.pending(command.member, now)
            return "insufficient_balance", {
                "needed": command.points,
                "available": available,
                "pending": pending,
            }
        done = Done(command, command.points)
        left = command.points
        for lot in self._spendable(command.member, now):
            taken = min(lot.remaining, left)
            if taken:
                lot.remaining -= taken
                done.taken[lot.id] = taken
                left -= taken
        self.done[command.id] = done
        self.given -= command.points
        return None

    def _expire(self, command: Expire, now: datetime) -> Outcome | None:
        lot = self.lots.get(command.member, {}).get(command.lot)
        if lot is not None and not lot.is_over(now):
            return "lot_not_expired", None
        left = lot.remaining if lot else 0
        if left < command.points:
            return "insufficient_balance", None
        assert lot
        lot.remaining -= command.points
        self.done[command.id] = Done(command, command.points, {lot.id: command.points})
        self.breakage += command.points
        return None

    def _reverse(self, command: Reverse, now: datetime) -> Outcome | None:
        original = self.done.get(command.of)
        if original is None or original.command.member != command.member:
            return "transfer_unknown", {}
        if original.is_reversal:
            return "reversal_not_reversible", {}
        left = original.amount - original.undone
        asked = (left or 1) if command.amount is None else command.amount
        if asked > left:
            return "reversal_exceeds_original", {"left": left, "asked": asked}
        if getattr(original.command, "shared", 0) and asked < original.amount:
            return "reversal_must_be_whole", {"amount": original.amount}
        if isinstance(original.command, Accrue):
            refusal = self._claw_back(command, original, asked)
        else:
            refusal = self._give_back(command, original, asked, now)
        if refusal is None:
            original.undone += asked
            self.done[command.id] = Done(command, asked, is_reversal=True)
        return refusal

    def _claw_back(self, command: Reverse, original: Done, asked: int) -> Outcome | None:
        lot = self.lots[command.member][original.command.id]
        missing = max(asked - lot.remaining, 0)
        if missing and command.shortfall == "refuse":
            return "insufficient_balance", {"needed": asked, "available": lot.remaining}
        lot.remaining -= asked - missing
        self.owed[command.member] = self.owed.get(command.member, 0) + missing
        self.given -= asked - missing
        return None

    def _give_back(self, command: Reverse, original: Done, asked: int, now: datetime) -> Outcome | None:
        """Into the very lots: the one that was taken last is filled first."""
        lots = self.lots[command.member]
        touched = sorted((lots[lot] for lot in original.taken), key=lambda lot: lot.place, reverse=True)
        due: list[tuple[Lot, int]] = []
        left = asked
        for lot in touched:
            part = min(original.taken[lot.id], left)
            if part:
                due.append((lot, part))
                left -= part
        over = [lot for lot, _ in due if lot.is_over(now)]
        if over and (command.reopen_until is None or command.reopen_until <= now):
            return "lot_expired", {}
        for lot in over:
            lot.expires_at = command.reopen_until
        for lot, part in due:
            lot.remaining += part
            original.taken[lot.id] -= part
        if isinstance(original.command, Expire):
            self.breakage -= asked
        else:
            self.given += asked
        return None

    def activate(self, command: Activate, now: datetime) -> str:
        """Answer one activation."""
        first = self.activations.get((command.member, command.request))
        if first is not None:
            return "repeat" if first == command else "id_reused"
        lot = self.lots.get(command.member, {}).get(command.lot)
        if lot is None:
            return "lot_unknown"
        if lot.is_over(now):
            return "lot_expired"
        if not lot.is_pending(now):
            return "lot_not_pending"
        lot.active_from, lot.expires_at = command.active_from, command.expires_at
        self.activations[command.member, command.request] = command
        return "activated"


def _content(command: Any) -> Any:
    """What "the same body" means: all but the id; for points that come in, not when they become active."""
    nothing = UUID(int=0)
    if isinstance(command, Accrue):
        return replace(command, id=nothing, active_from=datetime.min)
    if isinstance(command, Reverse):
        return replace(command, id=nothing, reopen_until=None)
    return replace(command, id=nothing)
