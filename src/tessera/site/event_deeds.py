"""What the audit trail's codes of events and talk mean, in the reader's words (site.deeds)."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

__all__ = ["EVENT_KINDS", "EVENT_VERBS"]

EVENT_VERBS: Mapping[str, "_StrPromise"] = {
    "add_crew": _("Put somebody on a door's crew"),
    "add_printer": _("Added a printer"),
    "add_question": _("Added a question"),
    "allow_walk_ins": _("Changed who may walk in"),
    "answer_request": _("Answered a request to talk"),
    "apply_review_policy": _("Applied the review rules"),
    "ask_correction": _("Asked for another number"),
    "ask_guest": _("Asked a guest to talk"),
    "bind_terminal": _("Bound a terminal to a printer"),
    "block_guest": _("Blocked a guest"),
    "cancel_event": _("Cancelled an event"),
    "cancel_registration": _("Cancelled a registration"),
    "change_event": _("Changed an event"),
    "change_question": _("Changed a question"),
    "copy_event": _("Drafted a copy of an event"),
    "decide_correction": _("Decided a correction"),
    "decide_registrations": _("Decided registrations"),
    "describe_guest": _("Changed a profile in a circle"),
    "draft_event": _("Drafted an event"),
    "end_crew": _("Took somebody off a door's crew"),
    "enrol_terminal": _("Set up a terminal"),
    "handle_report": _("Closed a report"),
    "jot_number": _("Noted a number"),
    "lease_numbers": _("Leased numbers"),
    "move_question": _("Moved a question"),
    "mute_guest": _("Muted a guest"),
    "print_badge": _("Printed a badge"),
    "print_trial": _("Printed a trial"),
    "publish_event": _("Published an event"),
    "publish_review_policy": _("Published review rules"),
    "register_guest": _("Registered for an event"),
    "remove_printer": _("Removed a printer"),
    "report_guest": _("Reported a guest"),
    "reprint_badge": _("Printed a badge again"),
    "retire_question": _("Retired a question"),
    "retry_print_job": _("Tried a badge again"),
    "retry_print_jobs": _("Tried badges again"),
    "revoke_terminal": _("Revoked a terminal"),
    "set_badge": _("Changed the badge"),
    "set_circle_terms": _("Changed a circle's terms"),
    "unblock_guest": _("Lifted a block"),
    "undo_arrival": _("Undid an arrival"),
    "undo_decision": _("Undid a decision"),
    "unjot": _("Took a number out of the jotter"),
    "unlock_guesses": _("Unlocked after wrong codes"),
    "unmute_guest": _("Lifted a mute"),
    "use_circle_picture": _("Changed a photo in a circle"),
    "withdraw_correction": _("Withdrew a correction"),
    "write_message": _("Wrote a message"),
}
"""What was done."""

EVENT_KINDS: Mapping[str, "_StrPromise"] = {
    "arrival": _("Arrival"),
    "conversation": _("Conversation"),
    "correction": _("Correction"),
    "crew_member": _("Crew member at a door"),
    "decision": _("Decision"),
    "event": _("Event"),
    "message": _("Message"),
    "print_job": _("Badge"),
    "printer": _("Printer"),
    "question": _("Question"),
    "registration": _("Registration"),
    "report": _("Report"),
    "terminal": _("Terminal"),
}
"""What it was done to."""
