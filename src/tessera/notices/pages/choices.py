"""How a person wants to be told: channels by kind, quiet hours, this browser, his e-mail address."""

from collections.abc import Callable
from datetime import datetime, time
from uuid import UUID
from zoneinfo import available_timezones

from django import forms
from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from tessera.kit import clock, trail
from tessera.kit.actors import Actor
from tessera.kit.pages import Did, do_once, go, on_form, page, person_actor, signed_in
from tessera.kit.refusals import Refusal
from tessera.notices.actions.mail import (
    MAIL_CODE_VALID,
    ask_mail_address,
    forget_mail_address,
    prove_mail_address,
)
from tessera.notices.actions.preferences import (
    choose_channels,
    choose_quiet_hours,
    subscribe_browser,
    unsubscribe_browser,
)
from tessera.notices.errors import MailNotSent
from tessera.notices.ports import masked_mail
from tessera.notices.queries import (
    find_mail_address,
    list_browsers,
    list_opt_outs,
    mail_addresses,
    quiet_of,
)
from tessera.notices.rules import CHANNELS, SECURITY, Quiet
from tessera.notices.templates import KINDS
from tessera.notices.ways import public_push_key, ways_here

__all__ = [
    "browser",
    "browser_end",
    "channels",
    "choices",
    "mail",
    "mail_code",
    "mail_end",
    "quiet_hours",
]

HERE = "/me/notices"
_CHANNEL_NAMES = {"push": _("Push"), "email": _("E-mail"), "sms": _("Text message")}
_COMMON_ZONES = ("Asia/Shanghai", "Asia/Hong_Kong", "Asia/Taipei", "Asia/Singapore", "Asia/Tokyo", "UTC")


def _zones() -> list[tuple[str, list[tuple[str, str]]]]:
    others = sorted(zone for zone in available_timezones() if "/" in zone and not zone.startswith("Etc/"))
    return [
        (gettext("Common"), [(zone, zone) for zone in _COMMON_ZONES]),
        (gettext("All"), [(zone, zone) for zone in others if zone not in _COMMON_ZONES]),
    ]


class QuietForm(forms.Form):
    """When not to be disturbed."""

    quiet = forms.BooleanField(label=_("Hold notices overnight until the morning"), required=False)
    begins = forms.TimeField(label=_("From"), widget=forms.TimeInput({"type": "time"}, format="%H:%M"))
    ends = forms.TimeField(label=_("Until"), widget=forms.TimeInput({"type": "time"}, format="%H:%M"))
    time_zone = forms.ChoiceField(label=_("Time zone"), choices=_zones)


class MailForm(forms.Form):
    """An e-mail address to prove."""

    address = forms.CharField(
        label=_("E-mail address"),
        max_length=254,
        widget=forms.EmailInput({"autocomplete": "email", "inputmode": "email"}),
    )


class CodeForm(forms.Form):
    """The code from the e-mail."""

    code = forms.CharField(
        label=_("Code from the e-mail"),
        max_length=12,
        widget=forms.TextInput({"autocomplete": "one-time-code", "inputmode": "numeric"}),
    )


def _minute(at: time) -> int:
    return at.hour * 60 + at.minute


def _time(minute: int) -> time:
    return time(minute // 60, minute % 60)


def _shown(request: HttpRequest, *, status: int = 200, **forms_shown: forms.Form) -> HttpResponse:
    """Render the page with the forms as sent where one was refused, else with what is stored."""
    person_id = UUID(str(request.user.pk))
    refused = list_opt_outs(person_id)
    quiet, zone = quiet_of([person_id])[person_id]
    hours = {
        "quiet": quiet.from_minute != quiet.to_minute,
        "begins": _time(quiet.from_minute),
        "ends": _time(quiet.to_minute),
        "time_zone": zone,
    }
    ways = ways_here()
    waiting = find_mail_address(person_id, asked_since=clock.now() - MAIL_CODE_VALID)
    open_ways = {"push": ways.push, "email": ways.email, "sms": ways.sms}
    names = [(one, _CHANNEL_NAMES[one]) for one in CHANNELS if open_ways[one]]
    shown = {
        "face": "me",
        "channels": [name for _channel, name in names],
        "kinds": [
            {
                "name": name,
                "must": kind == SECURITY,
                "boxes": [
                    {"name": f"{kind}.{channel}", "label": label, "on": (kind, channel) not in refused}
                    for channel, label in names
                ],
            }
            for kind, name in KINDS.items()
        ],
        "quiet_form": QuietForm(initial=hours),
        "mail_form": MailForm(),
        "code_form": CodeForm(),
        "mail_address": mail_addresses([person_id]).get(person_id),
        "mail_waiting": waiting and masked_mail(waiting.address),
        "mail_open": ways.email is not None,
        "push_key": public_push_key() if ways.push else "",
        "browsers": len(list_browsers(person_id)),
        "shown_code": request.session.get("mail_code", "") if settings.TESSERA_DEMO and waiting else "",
        **forms_shown,
    }
    return page(request, "notices/choices.html", shown, status=status)


@require_safe
@signed_in
def choices(request: HttpRequest) -> HttpResponse:
    """Show how this person is told of things."""
    return _shown(request)


def _once(request: HttpRequest, verb: str, act: Callable[[Actor, datetime, UUID], str]) -> HttpResponse:
    def did(actor: Actor, now: datetime) -> Did:
        assert actor.id is not None, "signed in"
        said = act(actor, now, actor.id)
        return Did(go=HERE, object_id=actor.id, say=said)

    actor = person_actor(request)
    return do_once(request, did, actor=actor, verb=verb, kind="person", object_id=actor.id or "")


@require_POST
@signed_in
def channels(request: HttpRequest) -> HttpResponse:
    """Take down which kinds are wanted on which channel: the boxes that are not ticked are the opt-outs."""
    ways = ways_here()
    offered = [one for one, way in (("push", ways.push), ("email", ways.email), ("sms", ways.sms)) if way]

    def act(actor: Actor, now: datetime, person_id: UUID) -> str:
        hidden = {pair for pair in list_opt_outs(person_id) if pair[1] not in offered}
        unticked = {
            (kind, channel)
            for kind in KINDS
            for channel in offered
            if f"{kind}.{channel}" not in request.POST
        }
        choose_channels(person_id=person_id, refused=hidden | unticked, now=now, actor=actor)
        return gettext("Saved.")

    return _once(request, "choose_channels", act)


@require_POST
@signed_in
def quiet_hours(request: HttpRequest) -> HttpResponse:
    """Set the person's quiet hours."""
    form = QuietForm(request.POST)
    status = 422
    if form.is_valid():
        given = form.cleaned_data
        quiet = Quiet(_minute(given["begins"]), _minute(given["ends"])) if given["quiet"] else Quiet(0, 0)

        def act(actor: Actor, now: datetime, person_id: UUID) -> str:
            choose_quiet_hours(
                person_id=person_id, quiet=quiet, time_zone=given["time_zone"], now=now, actor=actor
            )
            return gettext("Saved.")

        try:
            return _once(request, "choose_quiet_hours", act)
        except Refusal as refusal:
            status = refusal.status
            on_form(form, refusal)
    return _shown(request, status=status, quiet_form=form)


@require_POST
@signed_in
def browser(request: HttpRequest) -> HttpResponse:
    """Let pushes come to this browser (sent by push.js)."""

    def act(actor: Actor, now: datetime, person_id: UUID) -> str:
        subscribe_browser(
            person_id=person_id,
            endpoint=request.POST.get("endpoint", ""),
            public_key=request.POST.get("public_key", ""),
            secret=request.POST.get("secret", ""),
            session_key=request.session.session_key or "",
            services=settings.TESSERA_PUSH_SERVICES,
            now=now,
            actor=actor,
        )
        return ""

    return _once(request, "subscribe_browser", act)


@require_POST
@signed_in
def browser_end(request: HttpRequest) -> HttpResponse:
    """End the pushes to this browser."""

    def act(actor: Actor, now: datetime, person_id: UUID) -> str:
        unsubscribe_browser(
            person_id=person_id, endpoint=request.POST.get("endpoint", ""), now=now, actor=actor
        )
        return ""

    return _once(request, "unsubscribe_browser", act)


@require_POST
@signed_in
def mail(request: HttpRequest) -> HttpResponse:
    """Send a code to an e-mail address, to prove that it is the person's."""
    form = MailForm(request.POST)
    status = 422
    if form.is_valid():
        send = ways_here().email
        sent: list[str] = []

        def act(actor: Actor, now: datetime, person_id: UUID) -> str:
            if send is None:
                raise MailNotSent
            sent.append(
                ask_mail_address(
                    person_id=person_id,
                    address=form.cleaned_data["address"],
                    send=send,
                    words=_words,
                    now=now,
                    actor=actor,
                )
            )
            return gettext("A code is on its way. It is valid for 15 minutes.")

        try:
            response = _once(request, "ask_mail_address", act)
        except Refusal as refusal:
            status = refusal.status
            on_form(form, refusal, "address")
        else:
            if sent and settings.TESSERA_DEMO:
                request.session["mail_code"] = sent[0]
            return response
    return _shown(request, status=status, mail_form=form)


def _words(code: str) -> tuple[str, str]:
    subject = gettext("%(operator)s: your code is %(code)s") % {
        "operator": settings.TESSERA_OPERATOR_NAME,
        "code": code,
    }
    text = gettext(
        "Your code is %(code)s. Enter it on the page where you gave this address, within 15 minutes. "
        "If you did not ask for it, nothing needs to be done."
    )
    return subject, text % {"code": code}


@require_POST
@signed_in
def mail_code(request: HttpRequest) -> HttpResponse:
    """Prove the e-mail address by its code; a wrong one is counted, so this is not undone by its refusal."""
    form = CodeForm(request.POST)
    actor = person_actor(request)
    assert actor.id is not None, "signed in"
    status = 422
    if form.is_valid():
        now = clock.now()
        with transaction.atomic():
            outcome = prove_mail_address(
                person_id=actor.id, code=form.cleaned_data["code"], now=now, actor=actor
            )
            trail.note(
                actor=actor,
                verb="prove_mail_address",
                object_kind="person",
                object_id=actor.id,
                outcome=outcome.code if isinstance(outcome, Refusal) else "done",
                now=now,
            )
        if not isinstance(outcome, Refusal):
            request.session.pop("mail_code", None)
            return go(request, HERE)
        status = outcome.status
        on_form(form, outcome, "code")
    return _shown(request, status=status, code_form=form)


@require_POST
@signed_in
def mail_end(request: HttpRequest) -> HttpResponse:
    """Give up the e-mail address."""

    def act(actor: Actor, now: datetime, person_id: UUID) -> str:
        forget_mail_address(person_id=person_id, now=now, actor=actor)
        return gettext("Nothing is sent there any more.")

    return _once(request, "forget_mail_address", act)
