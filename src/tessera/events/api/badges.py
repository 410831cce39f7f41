"""Badges over the API: the print queue, printers, labels as PDF."""

from datetime import datetime
from typing import Annotated, Literal

from django.http import FileResponse, HttpResponse, HttpResponseBase
from ninja import Query, Router
from pydantic import BaseModel, Field

from tessera.events.actions.badges import ask_for_badge, retry_print_jobs
from tessera.events.actions.printers import add_printer
from tessera.events.gate import api_event
from tessera.events.labels import label_pdf
from tessera.events.models import Printer, PrintJob
from tessera.events.queries.badges import JobRow, get_print_job, list_print_jobs, list_printers
from tessera.kit.actors import Actor
from tessera.kit.edge import Done, KnownRequest, answer, answer_write, require
from tessera.kit.fields import Body, Cursor, Limit, ListOut, Name, Shown, Text
from tessera.kit.ids import parse_id, show_id

__all__ = ["router"]

router = Router(tags=["badges"])

State = Literal["queued", "sent", "printed", "failed"]
Language = Literal["escpos", "tspl", "zpl", "browser"]


class PrintJobOut(BaseModel):
    """A badge to print. `number` is what it was asked for with; `fault` says why the last attempt failed; no name."""

    id: str
    registration_id: str | None
    printer_id: str
    number: int
    state: str
    reason: str
    fault: str
    attempts: int
    asked_at: datetime
    sent_at: datetime | None
    finished_at: datetime | None


class PrintJobIn(Body):
    """Whose badge is printed once more, where and why."""

    registration_id: Shown
    printer_id: Shown
    reason: Name


class PrinterIn(Body):
    """A printer; `host` and `port` for those in the network, sizes in millimetres."""

    name: Name
    language: Language
    host: Text = ""
    port: Annotated[int, Field(strict=True, ge=1, le=65535)] = 9100
    width_mm: Annotated[int, Field(strict=True)]
    height_mm: Annotated[int, Field(strict=True)]
    dots_per_mm: Annotated[int, Field(strict=True, ge=6, le=24)] = 8


class PrinterOut(BaseModel):
    """A printer, and how many badges wait or have failed there; `fault`: what the first of them waits for."""

    id: str
    name: str
    language: str
    host: str
    port: int
    width_mm: int
    height_mm: int
    dots_per_mm: int
    waiting: int
    failed: int
    fault: str


class LabelsIn(BaseModel):
    """Which labels, and onto which paper; `numbers` such as "3, 7, 12-20"."""

    who: Literal["arrived", "blank"] = "arrived"
    numbers: Annotated[str, Field(max_length=500)] = ""
    number_prefix: Annotated[str, Field(max_length=8)] = ""
    paper: Literal["label", "a4", "letter"] = "label"
    columns: Annotated[int, Field(ge=1, le=6)] | None = None
    rows: Annotated[int, Field(ge=1, le=12)] | None = None
    gap_mm: Annotated[int, Field(ge=0, le=50)] = 0
    margin_mm: Annotated[int, Field(ge=0, le=50)] = 5
    skip: Annotated[int, Field(ge=0, le=71)] = 0
    marks: bool = True
    part: Annotated[int, Field(ge=1, le=1000)] = 1


def _job_out(job: PrintJob) -> PrintJobOut:
    trial = job.registration_id == job.printer_id
    return PrintJobOut(
        id=show_id("pjb", job.id),
        registration_id=None if trial else show_id("reg", job.registration_id),
        printer_id=show_id("ptr", job.printer_id),
        number=job.number,
        state=job.state,
        reason=job.reason,
        fault=job.fault,
        attempts=job.attempts,
        asked_at=job.asked_at,
        sent_at=job.sent_at,
        finished_at=job.finished_at,
    )


def _rows_out(rows: list[JobRow]) -> list[PrintJobOut]:
    return [_job_out(row.job) for row in rows]


def _printer_out(printer: Printer, *, waiting: int = 0, failed: int = 0, fault: str = "") -> PrinterOut:
    return PrinterOut(
        id=show_id("ptr", printer.id),
        name=printer.name,
        language=printer.language,
        host=printer.host,
        port=printer.port,
        width_mm=printer.width_mm,
        height_mm=printer.height_mm,
        dots_per_mm=printer.dots_per_mm,
        waiting=waiting,
        failed=failed,
        fault=fault,
    )


@router.get("/events/{event}/print-jobs", summary="List print jobs", response=ListOut[PrintJobOut])
def read_print_jobs(
    request: KnownRequest,
    event: str,
    state: State | None = None,
    cursor: Cursor | None = None,
    limit: Limit = 50,
) -> HttpResponse:
    """List an event's print jobs, the latest first. Needs the scope `events:read`."""
    actor = require(request, "events:read")
    row = api_event(actor, event)
    found = list_print_jobs(row.event.id, state=state or "", cursor=cursor, limit=limit)
    return answer(ListOut[PrintJobOut](items=_rows_out(list(found.items)), next_cursor=found.next_cursor))


@router.post("/events/{event}/print-jobs", summary="Print a badge once more", response={201: PrintJobOut})
def create_print_job(request: KnownRequest, event: str, body: PrintJobIn) -> HttpResponse:
    """Put an arrived guest's badge into a printer's queue. Needs the scope `events:write`."""

    def act(actor: Actor, now: datetime) -> Done:
        row = api_event(actor, event)
        job = ask_for_badge(
            event_id=row.event.id,
            registration_id=parse_id("reg", body.registration_id),
            printer_id=parse_id("ptr", body.printer_id),
            reason=body.reason,
            now=now,
            actor=actor,
        )
        return Done(_job_out(job), job.id, merchant_id=row.event.merchant_id, details={"reason": body.reason})

    return answer_write(request, act, verb="reprint_badge", kind="print_job", scope="events:write")


@router.post(
    "/events/{event}/print-jobs/{print_job}/attempts",
    summary="Try a failed job again",
    response={201: PrintJobOut},
)
def create_attempt(request: KnownRequest, event: str, print_job: str) -> HttpResponse:
    """Put a job that failed back into its queue. Needs the scope `events:write`."""
    job_id = parse_id("pjb", print_job)

    def act(actor: Actor, now: datetime) -> Done:
        row = api_event(actor, event)
        retry_print_jobs(event_id=row.event.id, job_id=job_id, now=now, actor=actor)
        return Done(_job_out(get_print_job(row.event.id, job_id)), job_id, merchant_id=row.event.merchant_id)

    return answer_write(
        request, act, verb="retry_print_job", kind="print_job", scope="events:write", object_id=job_id
    )


@router.get("/events/{event}/printers", summary="List printers", response=ListOut[PrinterOut])
def read_printers(request: KnownRequest, event: str) -> HttpResponse:
    """List an event's printers by name; there are 50 at most. Needs the scope `events:read`."""
    actor = require(request, "events:read")
    rows = list_printers(api_event(actor, event).event.id)
    items = [
        _printer_out(one.printer, waiting=one.waiting, failed=one.failed, fault=one.fault) for one in rows
    ]
    return answer(ListOut[PrinterOut](items=items, next_cursor=None))


@router.post("/events/{event}/printers", summary="Add a printer", response={201: PrinterOut})
def create_printer(request: KnownRequest, event: str, body: PrinterIn) -> HttpResponse:
    """Add a printer to an event. Needs the scope `events:write`."""

    def act(actor: Actor, now: datetime) -> Done:
        row = api_event(actor, event)
        made = add_printer(event_id=row.event.id, **body.model_dump(), now=now, actor=actor)
        return Done(_printer_out(made), made.id, merchant_id=row.event.merchant_id)

    return answer_write(request, act, verb="add_printer", kind="printer", scope="events:write")


@router.get("/events/{event}/badges.pdf", summary="Labels as PDF")
def read_badges(request: KnownRequest, event: str, wanted: Query[LabelsIn]) -> HttpResponseBase:
    """Give labels of arrived guests, or numbers without names, as PDF; 1,000 in one file, the rest as further parts.

    Needs the scope `events:read`.
    """
    actor = require(request, "events:read")
    row = api_event(actor, event)
    made = label_pdf(row.event, wanted.model_dump(), part=wanted.part)
    return FileResponse(made, content_type="application/pdf", filename=f"badges-{wanted.part}.pdf")
