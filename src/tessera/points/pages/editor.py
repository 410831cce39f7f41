"""The editor of an earning rule: tiers, products and stores, with its sentence and a dry run beside it before it holds.

Buttons that only change the form (`do`: tier, search, preview, week) send it and get it back, with or without scripts.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from tessera.catalog.queries import category_names, list_products, product_names
from tessera.kit import clock
from tessera.kit.actors import Actor
from tessera.kit.ids import new_id, parse_id, show_id
from tessera.kit.pages import Did, do_once, page, signed_in
from tessera.kit.reader import reader_language
from tessera.kit.refusals import Refusal
from tessera.merchants.gate import Workplace, enter_merchant
from tessera.merchants.queries import list_store_names
from tessera.points.actions.rules import publish_rule, publish_version
from tessera.points.errors import RuleEnded
from tessera.points.models import EarningRule
from tessera.points.pages.rule_forms import RuleForm, basket_rows, initial_of, tier_rows
from tessera.points.pages.trials import Tried, draft_of, preview_of
from tessera.points.queries import current_book, get_rule
from tessera.points.rules import KINDS, TermsInvalid, reason_of
from tessera.points.wording import kind_word

__all__ = ["change", "new"]

_FOUND = 20
_FIELDS = {
    "per_minor": "per",
    "num": "factor",
    "den": "factor",
    "product_ids": "",
    "category_ids": "",
    "tiers": "",
}
"""Where a reason's field stands in the form; "": in a list of its own."""


@dataclass(slots=True)
class Desk:
    """What the editor works on: the rule (None: a new one), its form, and the lists beside it."""

    workplace: Workplace
    kind: str
    rule: EarningRule | None
    form: RuleForm
    posted: QueryDict
    tiers: list[tuple[str, str]] = field(default_factory=list)
    chosen: list[str] = field(default_factory=list)
    faults: dict[str, str] = field(default_factory=dict)


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest, merchant: str) -> HttpResponse:
    """Choose a kind of rule, then write one."""
    workplace = enter_merchant(request, merchant, need="rules:write")
    kind = (request.POST if request.method == "POST" else request.GET).get("kind", "")
    if kind not in KINDS:
        told = {"face": "rules", "workplace": workplace, "kinds": [(one, kind_word(one)) for one in KINDS]}
        return page(request, "points/rule_kinds.html", told)
    return _answer(request, _desk(request, workplace, kind, None))


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def change(request: HttpRequest, merchant: str, rule: str) -> HttpResponse:
    """Write a further version of a rule."""
    workplace = enter_merchant(request, merchant, need="rules:write")
    found = get_rule(parse_id("rul", rule), merchant_id=workplace.merchant.id)
    if found.ended_at is not None:
        raise RuleEnded(ended_at=found.ended_at.isoformat())
    return _answer(request, _desk(request, workplace, found.kind, found))


def _desk(request: HttpRequest, workplace: Workplace, kind: str, rule: EarningRule | None) -> Desk:
    merchant = workplace.merchant
    told: dict[str, Any] = {
        "kind": kind,
        "workplace": workplace,
        "stores": list_store_names(merchant.id),
        "named": rule is None,
    }
    ids = "product_ids" if kind == "product" else "category_ids"
    if request.method == "POST":
        form = RuleForm(request.POST, **told)
        chosen = [one for one in request.POST.getlist(ids) if _is_id(one)]
        return Desk(workplace, kind, rule, form, request.POST, tier_rows(request.POST), chosen)
    shown: dict[str, Any] = {"position": 0}
    if rule is not None:
        last = max(
            (one for one in current_book(merchant.id).versions if one.rule_id == rule.id),
            key=lambda one: one.version,
        )
        shown = initial_of(last, currency=merchant.currency)
    desk = Desk(workplace, kind, rule, RuleForm(initial=shown, **told), QueryDict(mutable=True))
    desk.tiers = shown.get("tiers", [("1", "1")])
    desk.chosen = shown.get(ids, [])
    return desk


def _is_id(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


def _answer(request: HttpRequest, desk: Desk) -> HttpResponse:
    if request.method != "POST":
        return _shown(request, desk)
    do = desk.posted.get("do", "")
    if do.startswith("drop-") and do[5:].isdigit():
        desk.tiers = [row for place, row in enumerate(desk.tiers) if place != int(do[5:])] or [("", "")]
    elif do == "tier":
        desk.tiers.append(("", ""))
    if do and do not in {"preview", "week"}:
        desk.form = _unjudged(desk.form)
        return _shown(request, desk)
    fine = desk.form.is_valid()
    written = _written(desk) if fine else None
    if do:
        draft = _drafted(desk, written)
        tried = preview_of(desk.workplace, desk.form, draft, desk.posted, week=do == "week")
        if fine and draft is None:
            tried.refusal = next(iter([*desk.faults.values(), *desk.form.non_field_errors()]), "")
        if do == "preview" and not fine:
            desk.form = _unjudged(desk.form)
        return _shown(request, desk, tried)
    if written is None:
        return _shown(request, desk, status=422)
    return _publish(request, desk, written)


def _unjudged(form: RuleForm) -> RuleForm:
    """The form as it was typed, without sentences about what is not finished."""
    return form.again(initial={name: form[name].value() for name in form.fields})


def _written(desk: Desk) -> dict[str, Any] | None:
    try:
        return desk.form.written(desk.posted)
    except TermsInvalid as fault:
        _place(desk, fault.field, reason_of(fault.details, reader_language()) + gettext("."))
        return None


def _place(desk: Desk, name: str, sentence: str) -> None:
    """Put a sentence at its field, or at its list, or above all."""
    at = _FIELDS.get(name, name)
    if name in {"tiers", "quantity"} or (name == "points" and desk.kind in {"product", "category"}):
        desk.faults["tiers"] = sentence
    elif name in {"product_ids", "category_ids"}:
        desk.faults["chosen"] = sentence
    else:
        desk.form.add_error(at if at in desk.form.fields else None, sentence)


def _drafted(desk: Desk, written: dict[str, Any] | None) -> Any:
    """The draft as a version; None (and a sentence at its place) where it is no rule yet."""
    if written is None:
        return None
    try:
        return draft_of(
            rule_id=desk.rule.id if desk.rule else new_id(),
            name=desk.rule.name if desk.rule else desk.form.cleaned_data["name"],
            kind=desk.kind,
            written=written,
            form=desk.form,
            now=clock.now(),
        )
    except TermsInvalid as fault:
        _place(desk, fault.field, reason_of(fault.details, reader_language()) + gettext("."))
        return None


def _publish(request: HttpRequest, desk: Desk, written: dict[str, Any]) -> HttpResponse:
    told = desk.form.cleaned_data
    wording: dict[str, Any] = {
        "terms": written,
        "effective_from": told["effective_from"],
        "effective_until": told["effective_until"],
        "store_ids": desk.form.store_ids,
        "position": told["position"] or 0,
    }
    merchant_id = desk.workplace.merchant.id

    def act(actor: Actor, now: datetime) -> Did:
        if desk.rule is None:
            version = publish_rule(
                merchant_id=merchant_id, name=told["name"], kind=desk.kind, **wording, now=now, actor=actor
            )
        else:
            version = publish_version(rule_id=desk.rule.id, **wording, now=now, actor=actor)
        address = f"{desk.workplace.address}/rules/{show_id('rul', version.rule_id)}"
        return Did(address, version.rule_id, merchant_id, say=gettext("Published."))

    verb = "publish_version" if desk.rule else "publish_rule"
    object_id = desk.rule.id if desk.rule else ""
    try:
        return do_once(
            request, act, actor=desk.workplace.actor, verb=verb, kind="earning_rule", object_id=object_id
        )
    except Refusal as refusal:
        name = "effective_from" if refusal.code == "rule_backdated" else str(refusal.details.get("field", ""))
        _place(desk, name, refusal.message(reader_language()))
        return _shown(request, desk, status=refusal.status)


def _shown(
    request: HttpRequest, desk: Desk, tried: Tried | None = None, *, status: int = 200
) -> HttpResponse:
    workplace, posted = desk.workplace, desk.posted
    if tried is None and request.method != "POST" and desk.rule is None:
        tried = Tried()
    goods = list_products(workplace.merchant.id, withdrawn=False, limit=200).items
    basket = basket_rows(posted) or [
        (one.sku, "2" if not place else "1") for place, one in enumerate(goods[:2])
    ]
    told = {
        "face": "rules",
        "workplace": workplace,
        "desk": desk,
        "form": desk.form,
        "kind_word": kind_word(desk.kind),
        "goods": goods,
        "basket": [*basket, *[("", "")] * (3 - len(basket))],
        "posted": posted,
        "tried": tried,
        **_choices(desk),
    }
    return page(request, "points/rule_editor.html", told, status=status)


def _choices(desk: Desk) -> dict[str, Any]:
    """What can be ticked: what is chosen first, then what the search finds, or all categories."""
    merchant_id = desk.workplace.merchant.id
    ids = {UUID(one) for one in desk.chosen}
    if desk.kind == "category":
        names = category_names(merchant_id)
        return {"choices": [(one, name, one in ids) for one, name in names.items()]}
    if desk.kind != "product":
        return {"choices": []}
    words = desk.posted.get("search", "").strip()[:100]
    found = list_products(merchant_id, text=words or None, withdrawn=False, limit=_FOUND).items
    chosen = [
        (one, name, True)
        for one, name in sorted(product_names(merchant_id, ids).items(), key=lambda one: one[1])
    ]
    return {
        "choices": [*chosen, *((one.id, one.name, False) for one in found if one.id not in ids)],
        "search": words,
    }
