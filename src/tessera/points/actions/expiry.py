"""Points expire, and their holders are told before."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

from tessera.kit.actors import Actor
from tessera.kit.clock import NEVER
from tessera.kit.ids import new_id
from tessera.kit.lent import lent_connection
from tessera.kit.refusals import Refusal
from tessera.ledger.actions.posting import hold_accounts, post
from tessera.ledger.lots import OpenLot, Place, before_all, list_due_lots, lots_ending_before, sum_ending
from tessera.ledger.rules import Leg, Transfer
from tessera.merchants.queries import NamedMerchant, merchants_by_id
from tessera.notices.actions.inbox import send_notice
from tessera.people.queries import persons_by_id
from tessera.points.actions.claiming import activate_unclaimed
from tessera.points.models import ExpiryWarning

__all__ = ["BEGINNING", "Sweep", "expire_points", "warn_of_expiry"]

BEGINNING = datetime(1970, 1, 2, tzinfo=UTC)
"""Before the end of every lot."""


@dataclass(frozen=True, slots=True)
class Sweep:
    """What one batch did: lots looked at, of which `done` had effect on `points`; `refused` (code to count) did not.

    `place` is where the next batch goes on; None: there is nothing more.
    """

    seen: int
    done: int
    points: int
    refused: Mapping[str, int]
    place: Place | None


def expire_points(*, after: Place | None = None, most: int = 500, now: datetime, actor: Actor) -> Sweep:
    """Take what is left of up to `most` lots whose end has come, into the merchants' breakage.

    One transfer of the kind "expiry" for each lot, in the caller's transaction, read under the lock of its wallet:
    doing it again, or twice at once, has no further effect. Refusals of the ledger are counted, they stop no other
    lot. Source: spec/points.md, Expiry.
    """
    connection = lent_connection()
    place = after or before_all(BEGINNING)
    due = list_due_lots(connection, begins=BEGINNING, ends=_just_after(now), after=place, most=most)
    if not due:
        return Sweep(0, 0, 0, {}, None)
    wallets = {(lot.owner_id, lot.unit_id) for lot in due}
    hold_accounts(connection, [Leg(owner, "member", unit, "wallet", 0) for owner, unit in wallets], now=now)
    left = lots_ending_before(connection, due, _just_after(now))
    transfers = [_expiry(lots, now=now, actor=actor) for lots in _same_end(left)]
    answers = post(connection, transfers, now=now) if transfers else []
    refused: dict[str, int] = {}
    done = points = 0
    for transfer, answer in zip(transfers, answers, strict=True):
        if isinstance(answer, Refusal):
            refused[answer.code] = refused.get(answer.code, 0) + 1
        elif answer.status == "posted":
            done += 1
            points += transfer.amount
    return Sweep(len(due), done, points, refused, _place(due, most))


def warn_of_expiry(
    *, days: int, after: Place | None = None, most: int = 500, now: datetime, actor: Actor
) -> Sweep:
    """Tell registered members, once for each merchant and merchant-local day, which points end within `days` days.

    Looks at up to `most` lots. Unclaimed points are not warned of; where their owner has registered (a purchase was
    under way just then), they become his. Source: spec/points.md, Expiry (notice before).
    """
    connection = lent_connection()
    begins, ends = _just_after(now), now + timedelta(days=days)
    place = after or before_all(begins)
    due = list_due_lots(connection, begins=begins, ends=ends, after=place, most=most)
    persons = persons_by_id({lot.owner_id for lot in due})
    registered = {person.id for person in persons.values() if person.registered_at}
    for owner_id in sorted({lot.owner_id for lot in due if lot.active_from == NEVER} & registered):
        activate_unclaimed(person_id=owner_id, now=now, actor=actor)
    merchants = merchants_by_id({lot.unit_id for lot in due})
    spans = _spans([lot for lot in due if lot.owner_id in registered and lot.active_from != NEVER], merchants)
    sums = (
        sum_ending(connection, [(lot.account_id, *_bounds(lot, day, merchants)) for lot, day in spans])
        if spans
        else []
    )
    done = points = 0
    for (lot, day), ending in zip(spans, sums, strict=True):
        if ending and _warn(lot, day, merchants[lot.unit_id], ending, now=now, actor=actor):
            done += 1
            points += ending
    return Sweep(len(due), done, points, {}, _place(due, most))


def _just_after(moment: datetime) -> datetime:
    return moment + timedelta(microseconds=1)


def _place(due: Sequence[OpenLot], most: int) -> Place | None:
    last = due[-1] if due else None
    if last is None or last.expires_at is None or len(due) < most:
        return None
    return last.expires_at, last.account_id, last.transfer_id, last.part


def _same_end(lots: Sequence[OpenLot]) -> list[list[OpenLot]]:
    """Return the lots of one transfer that end at the same moment together: the ledger takes them as one."""
    groups: dict[tuple[UUID, UUID, datetime | None], list[OpenLot]] = {}
    for lot in lots:
        groups.setdefault((lot.account_id, lot.transfer_id, lot.expires_at), []).append(lot)
    return list(groups.values())


def _expiry(lots: Sequence[OpenLot], *, now: datetime, actor: Actor) -> Transfer:
    first = lots[0]
    points = sum(lot.remaining for lot in lots)
    assert first.expires_at is not None, "a lot without an end is never due"
    ended = first.expires_at.astimezone(UTC).isoformat()
    return Transfer(
        id=new_id(),
        owner_id=first.owner_id,
        kind="expiry",
        # A lot that a refund has reopened ends once more, at another moment.
        request_id=f"expiry:{first.transfer_id}:{first.part}:{ended}",
        legs=(
            Leg(first.owner_id, "member", first.unit_id, "wallet", -points),
            Leg(first.unit_id, "merchant", first.unit_id, "breakage", points, True),
        ),
        amount=points,
        occurred_at=first.expires_at,
        actor=actor.name,
        lot_transfer_id=first.transfer_id,
    )


def _last_day(lot: OpenLot, merchant: NamedMerchant) -> date:
    assert lot.expires_at is not None, "a lot without an end is never due"
    return (lot.expires_at - timedelta(microseconds=1)).astimezone(merchant.time_zone).date()


def _spans(lots: Collection[OpenLot], merchants: Mapping[UUID, NamedMerchant]) -> list[tuple[OpenLot, date]]:
    """Return one lot for each wallet and merchant-local last day that has not been warned of."""
    found: dict[tuple[UUID, UUID, date], OpenLot] = {}
    for lot in lots:
        found.setdefault((lot.owner_id, lot.unit_id, _last_day(lot, merchants[lot.unit_id])), lot)
    known = ExpiryWarning.objects.filter(member_id__in={owner_id for owner_id, _, _ in found})
    warned = set(known.values_list("member_id", "merchant_id", "on_day"))
    return [(lot, key[2]) for key, lot in found.items() if key not in warned]


def _bounds(lot: OpenLot, day: date, merchants: Mapping[UUID, NamedMerchant]) -> tuple[datetime, datetime]:
    zone = merchants[lot.unit_id].time_zone
    begins = datetime.combine(day, time(), zone).astimezone(UTC)
    ends = datetime.combine(day + timedelta(days=1), time(), zone).astimezone(UTC)
    return _just_after(begins), _just_after(ends)


def _warn(
    lot: OpenLot, day: date, merchant: NamedMerchant, points: int, *, now: datetime, actor: Actor
) -> bool:
    _, new = ExpiryWarning.objects.get_or_create(
        member_id=lot.owner_id,
        merchant_id=merchant.id,
        on_day=day,
        defaults={"points": points, "warned_at": now},
    )
    if new:
        send_notice(
            person_id=lot.owner_id,
            kind="points_expiring",
            template="points_expiring",
            context={"points": points, "merchant": merchant.name, "expires_on": day.isoformat()},
            now=now,
            actor=actor,
        )
    return new
