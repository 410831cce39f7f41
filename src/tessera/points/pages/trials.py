"""A draft tried before it holds: its sentence, a typed basket with and without it, and the past week."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import QueryDict
from django.utils.translation import gettext

from tessera.kit import clock
from tessera.kit.amounts import MAX_QUANTITY
from tessera.kit.reader import reader_language
from tessera.kit.refusals import Refusal
from tessera.merchants.gate import Workplace
from tessera.points.dry_run import DryRun, TriedLine, dry_run, sentence_of
from tessera.points.pages.rule_forms import RuleForm, basket_rows
from tessera.points.queries import current_book
from tessera.points.replays import Replay, replay_week
from tessera.points.rules import RuleVersion, TermsInvalid, terms_from
from tessera.points.wording import names_for, rule_note, rule_sentence

__all__ = ["Tried", "draft_of", "preview_of"]


@dataclass(slots=True)
class Tried:
    """What the preview says; all of it may be missing while a rule is half written."""

    sentence: str = ""
    note: str = ""
    refusal: str = ""
    before: int | None = None
    after: int | None = None
    reasons: list[str] = field(default_factory=list)
    missed: list[str] = field(default_factory=list)
    week: Replay | None = None

    @property
    def change(self) -> int:
        """Points more, or (negative) fewer, for the basket."""
        return (self.after or 0) - (self.before or 0)


def draft_of(
    *, rule_id: UUID, name: str, kind: str, written: dict[str, Any], form: RuleForm, now: datetime
) -> RuleVersion:
    """Return the version that the form would publish; raises TermsInvalid where it is none."""
    told = form.cleaned_data
    begins = told["effective_from"] or now
    if told["effective_until"] is not None and told["effective_until"] <= begins:
        raise TermsInvalid("ends_before", "effective_until")
    return RuleVersion(
        rule_id=rule_id,
        version=1_000_000,
        revision=0,
        kind=kind,
        name=name,
        position=told["position"] or 0,
        effective_from=begins,
        effective_until=told["effective_until"],
        store_ids=frozenset(form.store_ids),
        terms=terms_from(kind, written),
    )


def preview_of(
    workplace: Workplace, form: RuleForm, draft: RuleVersion | None, posted: QueryDict, *, week: bool
) -> Tried:
    """Return the draft's sentence and what the typed basket, and on demand the past week, would earn by it."""
    if draft is None:
        return Tried()
    merchant = workplace.merchant
    names = names_for(merchant.id, [draft], currency=merchant.currency, time_zone=merchant.time_zone)
    note = (
        rule_note(draft, names)
        if form.cleaned_data["effective_from"] or draft.store_ids or draft.effective_until
        else ""
    )
    tried = Tried(sentence=rule_sentence(draft, names), note=note)
    try:
        _try_basket(workplace, draft, posted, tried)
    except Refusal as refusal:
        tried.refusal = refusal.message(reader_language())
    if week:
        tried.week = replay_week(merchant_id=merchant.id, draft=draft, now=clock.now())
    return tried


def _try_basket(workplace: Workplace, draft: RuleVersion, posted: QueryDict, tried: Tried) -> None:
    lines = [TriedLine(sku.strip(), _pieces(pieces)) for sku, pieces in basket_rows(posted) if sku.strip()]
    if not lines:
        return
    merchant_id = workplace.merchant.id
    present = current_book(merchant_id)
    told: dict[str, Any] = {
        "merchant_id": merchant_id,
        "lines": lines,
        "store_id": min(draft.store_ids, default=None),
        "level": posted.get("basket_level", "").strip()[:100],
        "birthday": "basket_birthday" in posted,
        "occurred_at": max(clock.now(), draft.effective_from),
    }
    now, then = dry_run(**told, book=present), dry_run(**told, book=present.with_draft(draft))
    tried.before, tried.after = now.accrual.points, then.accrual.points
    tried.reasons = _sentences(then, then.accrual.fired)
    tried.missed = _sentences(then, [one for one in then.accrual.missed if one.rule_id == draft.rule_id])


def _sentences(tried: DryRun, found: Any) -> list[str]:
    language = reader_language()
    return [sentence_of(tried, one, language) + gettext(".") for one in found]


def _pieces(text: str) -> int:
    """Whole pieces; what is no number counts as one."""
    text = text.strip()
    return max(1, min(int(text), MAX_QUANTITY)) if text.isascii() and text.isdigit() and len(text) < 10 else 1
