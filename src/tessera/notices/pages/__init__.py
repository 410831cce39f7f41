"""Pages of the room `notices`: parse, one action or query, render."""

from django.urls import URLPattern, path

from tessera.notices.pages import choices, inbox

__all__ = ["urlpatterns"]

urlpatterns: list[URLPattern] = [
    path("inbox", inbox.inbox, name="inbox"),
    path("inbox/reading", inbox.reading, name="inbox-reading"),
    path("inbox/<str:notice>", inbox.notice, name="notice"),
    path("me/notices", choices.choices, name="notice-choices"),
    path("me/notices/channels", choices.channels, name="notice-channels"),
    path("me/notices/quiet-hours", choices.quiet_hours, name="notice-quiet-hours"),
    path("me/notices/browser", choices.browser, name="notice-browser"),
    path("me/notices/browser-end", choices.browser_end, name="notice-browser-end"),
    path("me/notices/mail", choices.mail, name="notice-mail"),
    path("me/notices/mail-code", choices.mail_code, name="notice-mail-code"),
    path("me/notices/mail-end", choices.mail_end, name="notice-mail-end"),
]
