"""The inbox: what the platform told this person."""

from datetime import datetime
from urllib.parse import urlencode
from uuid import UUID

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from tessera.kit import clock
from tessera.kit.actors import Actor
from tessera.kit.ids import parse_id
from tessera.kit.pages import Did, do_once, page, person_actor, signed_in
from tessera.kit.reader import reader_language
from tessera.notices.actions.inbox import mark_all_read, mark_read
from tessera.notices.models import Notice
from tessera.notices.queries import list_notices
from tessera.notices.rules import SECURITY
from tessera.notices.templates import KINDS, address_of, text_of

__all__ = ["inbox", "notice", "reading"]

_ICONS = {
    "points_expiring": "hourglass",
    "points_activated": "sparkles",
    "points_owed": "undo-2",
    "business": "store",
    SECURITY: "shield",
}


def _shown(row: Notice) -> dict[str, object]:
    return {
        "id": row.id,
        "text": text_of(row.template, row.context, reader_language()),
        "icon": _ICONS.get(row.kind, "bell"),
        "kind": KINDS.get(row.kind, ""),
        "at": row.created_at,
        "unread": row.read_at is None,
    }


@require_safe
@signed_in
def inbox(request: HttpRequest) -> HttpResponse:
    """List the person's notices, newest first."""
    cursor = request.GET.get("cursor")
    unread = request.GET.get("unread") == "1"
    found = list_notices(UUID(str(request.user.pk)), unread=unread, cursor=cursor, limit=30)
    kept = {"unread": "1"} if unread else {}
    shown = {
        "face": "inbox",
        "notices": [_shown(row) for row in found.items],
        "only_unread": unread,
        "cursor": cursor,
        "next_cursor": found.next_cursor,
        "first_query": urlencode(kept),
        "next_query": urlencode({**kept, "cursor": found.next_cursor or ""}),
    }
    return page(request, "notices/inbox.html", shown)


@require_safe
@signed_in
def notice(request: HttpRequest, notice: str) -> HttpResponse:
    """Show one notice and what it is about; opening it marks it as read. Refuses `not_found`."""
    actor = person_actor(request)
    assert actor.id is not None, "signed in"
    with transaction.atomic():
        row = mark_read(notice_id=parse_id("ntc", notice), person_id=actor.id, now=clock.now(), actor=actor)
    shown = {"face": "inbox", "notice": _shown(row), "about": address_of(row.template, row.context)}
    return page(request, "notices/notice.html", shown)


@require_POST
@signed_in
def reading(request: HttpRequest) -> HttpResponse:
    """Mark everything as read."""
    actor = person_actor(request)

    def act(actor: Actor, now: datetime) -> Did:
        assert actor.id is not None, "signed in"
        count = mark_all_read(person_id=actor.id, now=now, actor=actor)
        said = ngettext("%(n)s notice marked as read.", "%(n)s notices marked as read.", count) % {"n": count}
        return Did(go="/inbox", object_id=actor.id, details={"notices": count}, say=said)

    return do_once(request, act, actor=actor, verb="mark_all_read", kind="person", object_id=actor.id or "")
