"""The organiser's badges: how they look, labels as PDF, and the queue of what is printed."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.urls import path
from django.urls.resolvers import URLPattern
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tessera.events.actions.badges import ask_for_badge, retry_print_jobs, set_badge
from tessera.events.badge_layout import arrange
from tessera.events.gate import EventPlace, enter_event
from tessera.events.labels import label_pdf, parts_of
from tessera.events.models import Event
from tessera.events.pages.badges_forms import STATE_WORDS, DesignForm, ReasonForm, SheetForm, fault_word
from tessera.events.queries.badges import (
    blank_badge,
    count_arrived,
    count_print_jobs,
    get_print_job,
    list_print_jobs,
    list_printers,
)
from tessera.events.rules.badges import LABELS_PER_FILE, SIZES, STATES, Badge, BadgeDesign, design_of
from tessera.events.rules.door import event_topic
from tessera.kit.actors import Actor
from tessera.kit.ids import parse_id, show_id
from tessera.kit.live import hear_also
from tessera.kit.pages import Did, do_once, on_form, page, signed_in
from tessera.kit.print.bitmap import bitmap_of, png_of
from tessera.kit.print.svg import svg_of
from tessera.kit.refusals import Refusal

__all__ = ["badges", "urlpatterns"]

_AT_ONCE = 50
_DOTS = 8
_LONGEST_PART = 6


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def badges(request: HttpRequest, event: str) -> HttpResponse:
    """Show and save how badges look; below are labels to download and the queue."""
    sending = request.method == "POST"
    place = enter_event(request, event, need="events:write" if sending else "events:read")
    form = DesignForm(request.POST if sending else None, initial=DesignForm.filled(place.event, request.GET))
    status = 200
    if sending:
        status = 422
        if form.is_valid():
            try:
                return do_once(
                    request, _saving(request, place, form.design), actor=place.actor, verb="set_badge", kind="event",
                    object_id=place.event.id,
                )  # fmt: skip
            except Refusal as refusal:
                status = refusal.status
                on_form(form, refusal, "width_mm")
    sheet = SheetForm(prefixes=place.event.prefixes)
    return _shown(request, place, form, sheet, status=status)


def _saving(request: HttpRequest, place: EventPlace, design: BadgeDesign) -> Any:
    def act(actor: Actor, now: datetime) -> Did:
        origin = request.build_absolute_uri("/").rstrip("/")
        set_badge(event_id=place.event.id, design=design, origin=origin, now=now, actor=actor)
        return Did(
            go=f"{place.address}/badges",
            object_id=place.event.id,
            merchant_id=place.event.merchant_id,
            say=gettext("Saved."),
        )

    return act


def _shown(
    request: HttpRequest,
    place: EventPlace,
    form: DesignForm,
    sheet: SheetForm,
    *,
    status: int = 200,
    **more: Any,
) -> HttpResponse:
    hear_also(request, event_topic(place.event.id))
    design = form.design if form.is_bound and form.is_valid() else _initial_design(form)
    context = {
        **_frame(place),
        "form": form,
        "sheet": sheet,
        "sizes": SIZES,
        "preview": _preview(place.event, design),
        "arrived": count_arrived(place.event.id),
        "most": LABELS_PER_FILE,
        **_queue(request, place),
        **more,
    }
    return page(request, "events/badges.html", context, status=status)


def _frame(place: EventPlace) -> dict[str, Any]:
    return {
        "place": place,
        "frame": place.frame,
        "workplace": place.workplace,
        "face": "events",
        "event": place.event,
    }


def _initial_design(form: DesignForm) -> BadgeDesign:
    said = form.initial
    fine = DesignForm({**said, "shows": list(said["shows"])})
    return fine.design if fine.is_valid() else design_of({})


def _sample(event: Event) -> Badge:
    """A badge of a guest whom nobody is, with what this event's badges may have at most."""
    group = next(iter(event.prefixes), gettext("Guest"))
    blank = blank_badge(event, max(event.number_start, 17), prefix=str(event.prefixes.get(group, "")))
    address = blank.address or "https://tessera.example/circle/evt_00000000000000000000000000/17"
    return Badge(blank.shown, gettext("Chen Xiaomei"), group, event.title, address)


def _preview(event: Event, design: BadgeDesign) -> str:
    return svg_of(arrange(design, _sample(event)), name=gettext("What the badge looks like"))


@require_safe
@signed_in
def preview(request: HttpRequest, event: str) -> HttpResponse:
    """Show the badge as it would be with what the form says now."""
    place = enter_event(request, event)
    form = DesignForm(request.GET)
    design = form.design if form.is_valid() else design_of(place.event.badge)
    return page(request, "events/badges_preview.html", {"preview": _preview(place.event, design)})


@require_safe
@signed_in
def preview_png(request: HttpRequest, event: str) -> HttpResponse:
    """Give the badge as the dots that a printer with 203 dpi prints."""
    place = enter_event(request, event)
    form = DesignForm(request.GET)
    design = form.design if form.is_valid() else design_of(place.event.badge)
    drawn = png_of(bitmap_of(arrange(design, _sample(place.event)), _DOTS))
    response = HttpResponse(drawn, content_type="image/png")
    response["Cache-Control"] = "private, no-store"
    return response


@require_safe
@signed_in
def badges_pdf(request: HttpRequest, event: str) -> HttpResponseBase:
    """Give labels as PDF; where they are more than one file holds, the page offers them in parts."""
    place = enter_event(request, event)
    sheet = SheetForm(request.GET, prefixes=place.event.prefixes)
    form = DesignForm(initial=DesignForm.filled(place.event, {}))
    if not sheet.is_valid():
        return _shown(request, place, form, sheet, status=422)
    try:
        parts = parts_of(place.event, sheet.cleaned_data)
        part = request.GET.get("part", "")
        named = part.isascii() and part.isdigit() and len(part) < _LONGEST_PART
        if len(parts) == 1 or named:
            return _file(place.event, sheet, int(part) if named else 1)
    except Refusal as refusal:
        on_form(sheet, refusal, "columns" if refusal.code == "sheet_too_small" else "numbers")
        return _shown(request, place, form, sheet, status=refusal.status)
    asked = request.GET.copy()
    asked.pop("part", None)
    return _shown(request, place, form, sheet, parts=parts, asked=asked.urlencode())


def _file(event: Event, sheet: SheetForm, part: int) -> FileResponse:
    response = FileResponse(
        label_pdf(event, sheet.cleaned_data, part=part),
        content_type="application/pdf",
        filename=f"badges-{part}.pdf",
    )
    response["Cache-Control"] = "private, no-store"
    return response


def _queue(request: HttpRequest, place: EventPlace) -> dict[str, Any]:
    """What the queue's part of the page needs; the latest first."""
    state = request.GET.get("state", "")
    state = state if state in STATES else ""
    cursor = request.GET.get("cursor") or None
    found = list_print_jobs(place.event.id, state=state, cursor=cursor, limit=_AT_ONCE)
    counts = count_print_jobs(place.event.id)
    printers = list_printers(place.event.id)
    wanted = QueryDict(mutable=True)
    if state:
        wanted["state"] = state
    first = wanted.urlencode()
    here = wanted.copy()
    if cursor:
        here["cursor"] = cursor
    return {
        "jobs": [
            {
                "row": row,
                "word": STATE_WORDS[row.job.state],
                "fault": fault_word(row.job.fault) if row.job.fault else "",
            }
            for row in found.items
        ],
        "states": [(name, word, counts[name]) for name, word in STATE_WORDS.items()],
        "all_jobs": sum(counts.values()),
        "state": state,
        "stuck": [(row, fault_word(row.fault)) for row in printers if row.fault and row.waiting],
        "failing": [row for row in printers if row.failed],
        "printers": printers,
        "again": ReasonForm(printers=_choices(printers), auto_id=False) if printers else None,
        "cursor": cursor,
        "next_cursor": found.next_cursor,
        "first_query": first,
        "next_query": f"{first}&cursor={found.next_cursor}" if first else f"cursor={found.next_cursor}",
        "queue_query": here.urlencode(),
    }


def _choices(printers: Any) -> list[tuple[str, str]]:
    return [(show_id("ptr", row.printer.id), row.printer.name) for row in printers]


@require_safe
@signed_in
def queue(request: HttpRequest, event: str) -> HttpResponse:
    """Show the queue alone, for the page that hears of news."""
    place = enter_event(request, event)
    context = {**_frame(place), **_queue(request, place)}
    return page(request, "events/badges_queue.html", context)


@require_POST
@signed_in
def retry(request: HttpRequest, event: str, print_job: str) -> HttpResponse:
    """Try a job that failed once more."""
    place = enter_event(request, event, need="events:write")
    job = get_print_job(place.event.id, parse_id("pjb", print_job))

    def act(actor: Actor, now: datetime) -> Did:
        retry_print_jobs(event_id=place.event.id, job_id=job.id, now=now, actor=actor)
        return _did(place, job.id, gettext("Waiting to be printed."))

    return do_once(
        request, act, actor=place.actor, verb="retry_print_job", kind="print_job", object_id=job.id
    )


@require_POST
@signed_in
def retry_all(request: HttpRequest, event: str, printer: str) -> HttpResponse:
    """Try all that failed at a printer once more."""
    place = enter_event(request, event, need="events:write")
    printer_id = parse_id("ptr", printer)

    def act(actor: Actor, now: datetime) -> Did:
        count = retry_print_jobs(event_id=place.event.id, printer_id=printer_id, now=now, actor=actor)
        told = ngettext(
            "%(count)s badge is waiting to be printed.", "%(count)s badges are waiting to be printed.", count
        )
        return _did(place, printer_id, told % {"count": count})

    return do_once(
        request, act, actor=place.actor, verb="retry_print_jobs", kind="printer", object_id=printer_id
    )


@require_POST
@signed_in
def reprint(request: HttpRequest, event: str, print_job: str) -> HttpResponse:
    """Print a badge once more, with a reason."""
    place = enter_event(request, event, need="events:write")
    job = get_print_job(place.event.id, parse_id("pjb", print_job))
    form = ReasonForm(request.POST, printers=_choices(list_printers(place.event.id)))
    if not form.is_valid():
        again = {"again_errors": [error for errors in form.errors.values() for error in errors]}
        design = DesignForm(initial=DesignForm.filled(place.event, {}))
        return _shown(request, place, design, SheetForm(prefixes=place.event.prefixes), status=422, **again)
    printer_id, reason = parse_id("ptr", form.cleaned_data["printer"]), form.cleaned_data["reason"]

    def act(actor: Actor, now: datetime) -> Did:
        made = ask_for_badge(
            event_id=place.event.id, registration_id=job.registration_id, printer_id=printer_id, reason=reason, now=now, actor=actor
        )  # fmt: skip
        return _did(place, made.id, gettext("Waiting to be printed."), reason=reason)

    return do_once(request, act, actor=place.actor, verb="reprint_badge", kind="print_job", object_id=job.id)


def _did(place: EventPlace, object_id: UUID, say: str, **details: Any) -> Did:
    return Did(
        go=f"{place.address}/badges#queue",
        object_id=object_id,
        merchant_id=place.event.merchant_id,
        details=details,
        say=say,
    )


urlpatterns: list[URLPattern] = [
    path("organise/<str:event>/badges", badges, name="badges"),
    path("organise/<str:event>/badges/preview", preview, name="badge-preview"),
    path("organise/<str:event>/badges/preview.png", preview_png, name="badge-preview-png"),
    path("organise/<str:event>/badges.pdf", badges_pdf, name="badges-pdf"),
    path("organise/<str:event>/print-jobs", queue, name="print-jobs"),
    path("organise/<str:event>/print-jobs/<str:print_job>/attempts", retry, name="print-job-retry"),
    path("organise/<str:event>/print-jobs/<str:print_job>/reprints", reprint, name="print-job-reprint"),
    path("organise/<str:event>/printers/<str:printer>/attempts", retry_all, name="printer-retry"),
]
