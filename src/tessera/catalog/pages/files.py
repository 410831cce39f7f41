"""Files of products: taken in, looked at with their columns, brought in, and what was refused taken away again."""

from collections.abc import Mapping
from datetime import datetime
from itertools import islice
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from tessera.catalog.actions.files import bring_in_products, keep_product_file
from tessera.catalog.errors import ProductFileTooBig, ProductFileTooLong, WorkbookGiven
from tessera.catalog.files import MOST_LINES, ROLES, find_places, read_lines
from tessera.catalog.models import ProductFile
from tessera.catalog.plan import Plan, plan_file
from tessera.catalog.queries import get_product_file, list_product_files
from tessera.kit.actors import Actor
from tessera.kit.amounts import exponent_of
from tessera.kit.csv_answers import csv_answer
from tessera.kit.ids import parse_id, show_id
from tessera.kit.pages import Did, do_once, on_form, page, signed_in
from tessera.kit.reader import reader_language
from tessera.kit.refusals import Refusal, all_refusals
from tessera.kit.tables import Reading, Row, examine, read_rows
from tessera.merchants.gate import Workplace, enter_merchant

__all__ = ["bring_in", "faults_csv", "template_csv", "upload"]

MOST_BYTES = 6 * 1024 * 1024
_ROLE_NAMES = {
    "sku": _("SKU"),
    "name": _("Name"),
    "gtin": _("GTIN"),
    "price": _("Price"),
    "category": _("Category"),
}
_ENCODINGS = [
    ("auto", _("Find out")),
    ("utf-8", "UTF-8"),
    ("gb18030", "GB 18030 (GBK)"),
    ("utf-16", "UTF-16"),
]
_WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
"""How .xlsx, .ods and .xls begin."""
_SHOWN_ROWS, _SHOWN_FAULTS = 5, 50


class UploadForm(forms.Form):
    """A table of products."""

    file = forms.FileField(
        label=_("CSV file"),
        help_text=_("Up to 6 MB and 20,000 lines; the first line names the columns."),
        widget=forms.FileInput(attrs={"accept": ".csv,.txt,.tsv,text/csv"}),
    )
    encoding = forms.ChoiceField(label=_("Encoding"), choices=_ENCODINGS, initial="auto")


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def upload(request: HttpRequest, merchant: str) -> HttpResponse:
    """Take in a file to look at."""
    workplace = enter_merchant(request, merchant, need="catalog:write")
    form = UploadForm(request.POST, request.FILES) if request.method == "POST" else UploadForm()
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                return _taken(request, workplace, form)
            except Refusal as refusal:
                status = refusal.status
                on_form(form, refusal, "file")
    shown = {
        "workplace": workplace,
        "face": "products",
        "form": form,
        "files": list_product_files(workplace.merchant.id),
    }
    return page(request, "catalog/upload.html", shown, status=status)


def _taken(request: HttpRequest, workplace: Workplace, form: UploadForm) -> HttpResponse:
    file = form.cleaned_data["file"]
    if file.size > MOST_BYTES:
        raise ProductFileTooBig(most_mb=MOST_BYTES // 1024**2)
    content: bytes = file.read()
    if content.startswith(_WORKBOOKS):
        raise WorkbookGiven
    reading = examine(content, encoding=form.cleaned_data["encoding"])
    if sum(1 for _row in islice(read_rows(content, reading), MOST_LINES + 2)) > MOST_LINES + 1:
        raise ProductFileTooLong(most=MOST_LINES)

    def act(actor: Actor, now: datetime) -> Did:
        kept = keep_product_file(
            merchant_id=workplace.merchant.id,
            name=file.name,
            content=content,
            reading=reading,
            now=now,
            actor=actor,
        )
        return Did(go=f"{workplace.address}/products/files/{show_id('pfl', kept.id)}", object_id=kept.id)

    return do_once(request, act, actor=workplace.actor, verb="keep_product_file", kind="product_file")


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def bring_in(request: HttpRequest, merchant: str, product_file: str) -> HttpResponse:
    """Show what the file would do, by the columns chosen; bring it in; afterwards, show what came of it."""
    workplace = enter_merchant(request, merchant, need="catalog:write")
    known = get_product_file(parse_id("pfl", product_file), merchant_id=workplace.merchant.id)
    chosen = _chosen(request.POST if request.method == "POST" else request.GET)
    status, refused = 200, ""
    if request.method == "POST":
        try:
            return _brought_in(request, workplace, known, chosen)
        except Refusal as refusal:
            status, refused = refusal.status, refusal.message(reader_language())
    told = {"workplace": workplace, "face": "products", "file": known, "refused": refused}
    if known.done_at:
        faults = [(line, sku, _sentence(code, details)) for line, sku, code, details in known.faults]
        told |= {"faults": faults[:_SHOWN_FAULTS], "more_faults": len(faults) > _SHOWN_FAULTS}
        return page(request, "catalog/file_done.html", told, status=status)
    return page(
        request, "catalog/file.html", told | _looked_at(workplace, known, chosen, refused), status=status
    )


def _chosen(given: Mapping[str, str]) -> dict[str, int | None]:
    """Return the columns that the reader has chosen; a role that is not named is looked for."""
    return {
        role: int(given[role]) if given[role].isascii() and given[role].isdigit() else None
        for role in ROLES
        if role in given
    }


def _rows_of(known: ProductFile) -> tuple[list[str], list[Row]]:
    content = bytes(known.content)
    rows = list(read_rows(content, Reading(b"", known.encoding, known.delimiter)))
    header = rows[0].fields if rows and rows[0].fields else []
    return [heading.strip() for heading in header], rows[1:]


def _plan(workplace: Workplace, known: ProductFile, chosen: Mapping[str, int | None]) -> Plan:
    return _planned(workplace, *_rows_of(known), chosen)


def _planned(
    workplace: Workplace, header: list[str], rows: list[Row], chosen: Mapping[str, int | None]
) -> Plan:
    exponent = exponent_of(workplace.merchant.currency)
    lines = read_lines(iter(rows), header, find_places(header, chosen), exponent=exponent)
    return plan_file(workplace.merchant.id, lines)


def _looked_at(
    workplace: Workplace, known: ProductFile, chosen: Mapping[str, int | None], refused: str
) -> dict[str, Any]:
    header, rows = _rows_of(known)
    places = find_places(header, chosen)
    told: dict[str, Any] = {
        "header": header,
        "choices": [(role, _ROLE_NAMES[role], places.get(role)) for role in ROLES],
        "first_rows": [[*(row.fields or ())][: len(header)] for row in rows[:_SHOWN_ROWS]],
        "lines": len(rows),
        "encoding": dict(_ENCODINGS).get(known.encoding.removesuffix("-sig"), known.encoding.upper()),
        "currency": workplace.merchant.currency,
    }
    try:
        plan = _planned(workplace, header, rows, chosen)
    except Refusal as refusal:
        return told | {"refused": refused or refusal.message(reader_language())}
    faults = [(one.line_no, one.sku, one.refusal.message(reader_language())) for one in plan.faults]
    return told | {
        "plan": plan.counts,
        "faults": faults[:_SHOWN_FAULTS],
        "more_faults": len(faults) > _SHOWN_FAULTS,
        "new_categories": plan.categories[:20],
    }


def _brought_in(
    request: HttpRequest, workplace: Workplace, known: ProductFile, chosen: Mapping[str, int | None]
) -> HttpResponse:
    def act(actor: Actor, now: datetime) -> Did:
        done = bring_in_products(
            file_id=known.id,
            merchant_id=workplace.merchant.id,
            plan=lambda file: _plan(workplace, file, chosen),
            now=now,
            actor=actor,
        )
        return Did(
            go=f"{workplace.address}/products/files/{show_id('pfl', known.id)}",
            object_id=known.id,
            details=done.counts,
            say=gettext("The file is in."),
        )

    return do_once(
        request,
        act,
        actor=workplace.actor,
        verb="bring_in_products",
        kind="product_file",
        object_id=known.id,
    )


def _sentence(code: str, details: Mapping[str, Any]) -> str:
    kind = all_refusals().get(code)
    return kind(**details).message(reader_language()) if kind else code


@require_safe
@signed_in
def faults_csv(request: HttpRequest, merchant: str, product_file: str) -> StreamingHttpResponse:
    """Give the refused lines as CSV: line, SKU, why."""
    workplace = enter_merchant(request, merchant, need="catalog:write")
    known = get_product_file(parse_id("pfl", product_file), merchant_id=workplace.merchant.id)
    if known.done_at:
        rows = [(line, sku, _sentence(code, details)) for line, sku, code, details in known.faults]
    else:
        plan = _plan(workplace, known, _chosen(request.GET))
        rows = [(one.line_no, one.sku, one.refusal.message(reader_language())) for one in plan.faults]
    headings = [gettext("Line"), gettext("SKU"), gettext("Why it was refused")]
    return csv_answer(gettext("Refused lines"), headings, rows)


@require_safe
@signed_in
def template_csv(request: HttpRequest, merchant: str) -> StreamingHttpResponse:
    """Give an empty table with the right headings and one example."""
    enter_merchant(request, merchant, need="catalog:write")
    headings = [gettext("SKU"), gettext("Name"), gettext("GTIN"), gettext("Category"), gettext("Price")]
    example = ("A-001", gettext("Green tea, 50 g"), "6901234567892", gettext("Tea"), "12.50")
    return csv_answer(gettext("Products to fill in"), headings, [example])
