"""What the organiser sees of talk: how much it was, reports with their evidence, mutes."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from django.db import connection

from tessera.kit.errors import NotFound
from tessera.kit.paging import Page, page_of, position_of
from tessera.kit.sql import statement
from tessera.talk.models import ErasedCircle, Mute, Report
from tessera.talk.rules import median_partners

__all__ = [
    "Meetings",
    "Mute",
    "Report",
    "count_meetings",
    "count_open_reports",
    "find_mute",
    "get_report",
    "list_mutes",
    "list_reports",
]


@dataclass(frozen=True, slots=True)
class Meetings:
    """What a circle has come to; `by_partners`: number of people somebody talked with -> how many had so many."""

    requests: int
    accepted: int
    declined: int
    messages: int
    reports: int
    by_partners: Mapping[int, int]

    @property
    def unanswered(self) -> int:
        """Requests that wait."""
        return self.requests - self.accepted - self.declined

    @property
    def talked(self) -> int:
        """How many people talked with at least one other."""
        return sum(self.by_partners.values())

    def median_partners(self, guests: int) -> int:
        """With how many others the guest in the middle talked, of `guests` who arrived."""
        return median_partners(self.by_partners, guests=guests)


def count_meetings(circle_id: UUID) -> Meetings:
    """Return what a circle has come to, also after it was erased."""
    kept = ErasedCircle.objects.filter(pk=circle_id).first()
    if kept is not None:
        partners = {int(number): people for number, people in kept.by_partners.items()}
        return Meetings(
            requests=kept.requests,
            accepted=kept.accepted,
            declined=kept.declined,
            messages=kept.messages,
            reports=kept.reports,
            by_partners=dict(sorted(partners.items())),
        )
    with connection.cursor() as cursor:
        cursor.execute(statement("talk", "count_meetings"), {"circle": circle_id})
        row = cursor.fetchone()
    assert row is not None, "one row of counts"
    requests, accepted, declined, messages, reports, partners_of, people = row
    return Meetings(
        requests=requests,
        accepted=accepted,
        declined=declined,
        messages=messages,
        reports=reports,
        by_partners=dict(zip(partners_of, people, strict=True)),
    )


def list_reports(
    circle_id: UUID, *, handled: bool = False, cursor: str | None = None, limit: int = 30
) -> Page[Report]:
    """Return reports, the newest first: those that wait, or those that were handled. Refuses `cursor_invalid`."""
    rows = Report.objects.filter(circle_id=circle_id, handled_at__isnull=not handled).order_by("-id")
    if position := position_of(cursor):
        rows = rows.filter(id__lt=position)
    return page_of(list(rows[: limit + 1]), limit=limit, key=lambda one: one.id)


def get_report(circle_id: UUID, report_id: UUID) -> Report:
    """Return a report with its evidence; refuses `not_found`."""
    row = Report.objects.filter(circle_id=circle_id, id=report_id).first()
    if row is None:
        raise NotFound
    return row


def count_open_reports(circle_id: UUID) -> int:
    """Return how many reports wait."""
    return Report.objects.filter(circle_id=circle_id, handled_at__isnull=True).count()


def find_mute(circle_id: UUID, person_id: UUID) -> Mute | None:
    """Return why the person may write nothing in a circle, or None where he may."""
    return Mute.objects.filter(circle_id=circle_id, person_id=person_id, lifted_at__isnull=True).first()


def list_mutes(circle_id: UUID, *, cursor: str | None = None, limit: int = 30) -> Page[Mute]:
    """Return who may write nothing in a circle now, the latest first. Refuses `cursor_invalid`."""
    rows = Mute.objects.filter(circle_id=circle_id, lifted_at__isnull=True).order_by("-id")
    if position := position_of(cursor):
        rows = rows.filter(id__lt=position)
    return page_of(list(rows[: limit + 1]), limit=limit, key=lambda one: one.id)
