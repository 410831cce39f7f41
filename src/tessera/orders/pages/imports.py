"""Files of purchases through a browser: upload, look at what would be read, bring in with progress, faults by line.

Bringing a file in is a manager's work (scope `catalog:write`): it may list products and records thousands of receipts.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tessera.kit import clock
from tessera.kit.actors import Actor
from tessera.kit.csv_answers import csv_answer
from tessera.kit.errors import FileNotText
from tessera.kit.ids import new_id, parse_id, show_id
from tessera.kit.pages import Did, do_once, on_form, page, signed_in
from tessera.kit.reader import reader_language
from tessera.kit.refusals import Refusal
from tessera.merchants.gate import Workplace, enter_merchant
from tessera.orders.actions.imports import begin_import, queue_import
from tessera.orders.errors import FileChanged, fault_sentence
from tessera.orders.imports.uploads import MOST_BYTES, Upload, claim_upload, keep_upload, load_upload
from tessera.orders.models import Import
from tessera.orders.pages.import_forms import MappingForm, UploadForm
from tessera.orders.pages.import_trials import Trial, read_file, tried
from tessera.orders.pages.progress import Progress, progress_of
from tessera.orders.queries import get_import, list_faults, list_imports

__all__ = ["faults_csv", "import_", "imports", "progress", "resume", "template_csv", "upload"]

_SEE = "purchases:read"
_BRING_IN = "catalog:write"
_FAULTS = 50
_SHOWN = {
    "utf-8-sig": "UTF-8",
    "gb18030": "GB 18030",
    "utf-16": "UTF-16",
    "utf-16-le": "UTF-16",
    "utf-16-be": "UTF-16",
}


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def imports(request: HttpRequest, merchant: str) -> HttpResponse:
    """List imports and take a file."""
    workplace = enter_merchant(request, merchant, need=_SEE if request.method != "POST" else _BRING_IN)
    form = UploadForm()
    if request.method == "POST":
        form = UploadForm(request.POST, request.FILES)
        try:
            if form.is_valid():
                return _take(request, workplace, form)
        except Refusal as refusal:
            on_form(form, refusal, "file")
            return _listed(request, workplace, form, status=refusal.status)
    return _listed(request, workplace, form, status=422 if form.errors else 200)


def _listed(request: HttpRequest, workplace: Workplace, form: UploadForm, *, status: int) -> HttpResponse:
    cursor = request.GET.get("cursor")
    found = list_imports(workplace.merchant.id, cursor=cursor, limit=20)
    now = clock.now()
    told = {
        "face": "imports",
        "workplace": workplace,
        "form": form,
        "rows": [(row, progress_of(row, now=now)) for row in found.items],
        "may": workplace.may(_BRING_IN),
        "zone": workplace.merchant.time_zone,
        "cursor": cursor,
        "next_cursor": found.next_cursor,
        "next_query": f"cursor={found.next_cursor}",
        "first_query": "",
    }
    return page(request, "orders/imports.html", told, status=status)


def _take(request: HttpRequest, workplace: Workplace, form: UploadForm) -> HttpResponse:
    file = form.cleaned_data["file"]

    def act(_actor: Actor, _now: datetime) -> Did:
        upload_id = new_id()
        keep_upload(
            upload_id=upload_id,
            merchant_id=workplace.merchant.id,
            file_name=file.name or "purchases.csv",
            chunks=file.chunks(),
        )
        address = f"{workplace.address}/imports/uploads/{show_id('upl', upload_id)}"
        return Did(address, upload_id, workplace.merchant.id, {"bytes": file.size})

    return do_once(request, act, actor=workplace.actor, verb="upload_purchases", kind="upload")


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def upload(request: HttpRequest, merchant: str, upload: str) -> HttpResponse:
    """Show what would be read, by the columns that were chosen; begin the import on demand."""
    workplace = enter_merchant(request, merchant, need=_BRING_IN)
    kept = load_upload(parse_id("upl", upload), merchant_id=workplace.merchant.id)
    given = request.POST if request.method == "POST" else request.GET
    encoding = given.get("encoding") or "auto"
    try:
        reading, header, rows = read_file(kept.path, encoding)
    except Refusal as refusal:
        told = {"form": MappingForm(given, header=()), "unreadable": refusal.message(reader_language())}
        return _mapped(request, workplace, kept, told, status=refusal.status)
    told = {"rows": rows, "header": header, "reading": reading, "encoding": _SHOWN.get(reading.encoding, "")}
    if request.method == "POST":
        return _chosen(request, workplace, kept, told)
    form = MappingForm(header=header, initial={"encoding": encoding})
    guess = MappingForm({**form.initial, "encoding": encoding}, header=header)
    trial = tried(workplace, kept, reading, guess) if guess.is_valid() else None
    return _mapped(request, workplace, kept, {**told, "form": form if trial else guess, "trial": trial})


def _chosen(request: HttpRequest, workplace: Workplace, kept: Upload, told: dict[str, Any]) -> HttpResponse:
    """Go on with the columns that a person chose: look again, or begin."""
    form = told["form"] = MappingForm(request.POST, header=told["header"])
    if not form.is_valid():
        return _mapped(request, workplace, kept, told, status=422)
    told["trial"] = tried(workplace, kept, told["reading"], form)
    if "check" in request.POST:
        return _mapped(request, workplace, kept, told)
    try:
        return _begin(request, workplace, kept, form, told["reading"])
    except FileChanged as refusal:
        half = gettext(
            "Another file named {file} is half in ({done} receipts). Go on with that one, or tick the box."
        )
        form.add_error("anew", half.format(file=kept.file_name, done=refusal.details["done"]))
        return _mapped(request, workplace, kept, told, status=refusal.status)
    except Refusal as refusal:
        on_form(form, refusal)
        return _mapped(request, workplace, kept, told, status=refusal.status)


def _mapped(
    request: HttpRequest, workplace: Workplace, kept: Upload, told: dict[str, Any], *, status: int = 200
) -> HttpResponse:
    trial: Trial | None = told.get("trial")
    base = {"face": "imports", "workplace": workplace, "upload": kept, "trial": trial, "unreadable": ""}
    return page(request, "orders/import_mapping.html", {**base, **told}, status=status)


def _begin(
    request: HttpRequest, workplace: Workplace, kept: Upload, form: MappingForm, reading: Any
) -> HttpResponse:
    def act(actor: Actor, now: datetime) -> Did:
        row = begin_import(
            merchant_id=workplace.merchant.id,
            file_name=kept.file_name,
            file_sha256=reading.sha256,
            reading={
                "columns": form.columns,
                "encoding": reading.encoding,
                "delimiter": reading.delimiter,
                "date_forms": list(form.date_forms),
            },
            anew=form.cleaned_data["anew"],
            now=now,
            actor=actor,
        )
        address = f"{workplace.address}/imports/{show_id('imp', row.id)}"
        if row.finished_at is not None:
            return Did(
                address,
                row.id,
                workplace.merchant.id,
                say=gettext("This file is in already; nothing is done again."),
            )
        claim_upload(kept, import_id=row.id, add_products=form.cleaned_data["add_products"])
        queue_import(import_id=row.id, now=now, actor=actor)
        return Did(address, row.id, workplace.merchant.id)

    return do_once(request, act, actor=workplace.actor, verb="begin_import", kind="import")


def _found(workplace: Workplace, shown: str) -> Import:
    return get_import(parse_id("imp", shown), merchant_id=workplace.merchant.id)


def _progress(workplace: Workplace, row: Import) -> dict[str, Any]:
    found: Progress = progress_of(row, now=clock.now())
    return {"workplace": workplace, "row": row, "progress": found, "may": workplace.may(_BRING_IN)}


@signed_in
@require_safe
def import_(request: HttpRequest, merchant: str, file: str) -> HttpResponse:
    """Show one import: how far it is, what came of it, and why lines had no effect."""
    workplace = enter_merchant(request, merchant, need=_SEE)
    row = _found(workplace, file)
    given = request.GET.get("after", "")
    after = int(given) if given.isascii() and given.isdigit() and len(given) < 12 else 0
    faults = list_faults(row.id, after_line=after, limit=_FAULTS + 1)
    language = reader_language()
    shown = [(fault, fault_sentence(fault.code, fault.details, language)) for fault in faults[:_FAULTS]]
    told = {
        **_progress(workplace, row),
        "face": "imports",
        "faults": shown,
        "after": after,
        "next_after": shown[-1][0].line_no if len(faults) > _FAULTS else 0,
        "zone": workplace.merchant.time_zone,
    }
    return page(request, "orders/import.html", told)


@signed_in
@require_safe
def progress(request: HttpRequest, merchant: str, file: str) -> HttpResponse:
    """Give the part of the page that says how far the import is; where it ends, the whole page is asked for anew."""
    workplace = enter_merchant(request, merchant, need=_SEE)
    row = _found(workplace, file)
    told = _progress(workplace, row)
    response = page(request, "orders/_progress.html", told)
    if row.finished_at is not None:
        response["HX-Refresh"] = "true"
    return response


@signed_in
@require_POST
def resume(request: HttpRequest, merchant: str, file: str) -> HttpResponse:
    """Go on with an import that stands still; refuses `not_found` where its file is gone."""
    workplace = enter_merchant(request, merchant, need=_BRING_IN)
    row = _found(workplace, file)

    def act(actor: Actor, now: datetime) -> Did:
        if row.finished_at is None:
            load_upload(row.id)
            queue_import(import_id=row.id, now=now, actor=actor)
        return Did(f"{workplace.address}/imports/{show_id('imp', row.id)}", row.id, workplace.merchant.id)

    return do_once(request, act, actor=workplace.actor, verb="resume_import", kind="import", object_id=row.id)


@signed_in
@require_safe
def faults_csv(request: HttpRequest, merchant: str, file: str) -> HttpResponseBase:
    """Give all lines that had no effect, with the reason of each."""
    workplace = enter_merchant(request, merchant, need=_SEE)
    row = _found(workplace, file)
    headings = [gettext("Line"), gettext("Receipt"), gettext("Fault code"), gettext("Why")]
    return csv_answer(
        f"{row.file_name.removesuffix('.csv')}-faults", headings, _faults(row.id, reader_language())
    )


def _faults(import_id: UUID, language: str) -> Iterator[Sequence[Any]]:
    line_no = 0
    while faults := list_faults(import_id, after_line=line_no, limit=1000):
        for fault in faults:
            sentence = fault_sentence(fault.code, fault.details, language)
            yield fault.line_no, fault.receipt_number, fault.code, sentence
        line_no = faults[-1].line_no


@signed_in
@require_safe
def template_csv(request: HttpRequest, merchant: str) -> HttpResponseBase:
    """Give an empty file with the headings that are understood, in the reader's language."""
    enter_merchant(request, merchant, need=_SEE)
    headings = {
        "zh-Hans": [
            "小票号",
            "交易时间",
            "商品编码",
            "商品名称",
            "数量",
            "实付金额",
            "手机号",
            "会员号",
            "门店编号",
        ],
        "en": [
            "Receipt no",
            "Date time",
            "SKU",
            "Product name",
            "Quantity",
            "Amount",
            "Phone",
            "Member no",
            "Store no",
        ],
    }[reader_language()]
    return csv_answer(gettext("purchases-template"), headings, ())


assert FileNotText.status == 422, "what keep_upload refuses is shown at the form"
assert MOST_BYTES == 64 * 1024 * 1024, "the form's hint says so"
