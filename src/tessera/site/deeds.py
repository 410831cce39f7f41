"""What the audit trail's codes mean, in the reader's words; a code without words stands for itself."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from tessera.site.event_deeds import EVENT_KINDS, EVENT_VERBS

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

__all__ = ["ACTORS", "KINDS", "VERBS"]

ACTORS: Mapping[str, "_StrPromise"] = {
    "key": _("API key"),
    "operator": _("Operator"),
    "person": _("Person"),
    "system": _("System"),
    "terminal": _("Terminal at a door"),
    "visitor": _("Visitor"),
}
"""Who did it, where nobody's name is known."""

VERBS: Mapping[str, "_StrPromise"] = {
    **EVENT_VERBS,
    "add_customer_number": _("Added a customer number"),
    "add_passkey": _("Added a passkey"),
    "adjust_points": _("Gave or took points by hand"),
    "adopt_policy": _("Changed a policy"),
    "adopt_quiet_hours": _("Changed the quiet hours"),
    "approve_merchant": _("Approved a merchant"),
    "begin_import": _("Began an import"),
    "bring_in_products": _("Brought in products"),
    "change_merchant": _("Changed business details"),
    "change_product": _("Changed a product"),
    "change_products": _("Changed several products"),
    "change_store": _("Changed a store"),
    "close_day": _("Closed a ledger day"),
    "close_store": _("Closed a store"),
    "decline_merchant": _("Declined a merchant"),
    "describe_person": _("Changed a profile"),
    "dismiss_employee": _("Ended an employment"),
    "employ_person": _("Took on an employee"),
    "end_code_devices": _("Signed the member code out"),
    "end_device": _("Signed a device out"),
    "end_other_devices": _("Signed other devices out"),
    "end_rule": _("Ended a rule"),
    "enrol_customer": _("Enrolled a member"),
    "erase_person": _("Erased an account"),
    "export_person": _("Exported personal data"),
    "grant_role": _("Granted a role"),
    "issue_code": _("Sent a code"),
    "issue_key": _("Issued an API key"),
    "issue_short_code": _("Made a short member code"),
    "join_by_phone": _("Joined by phone number"),
    "join_customer_number": _("Joined a customer number to a member"),
    "join_person": _("Joined points to a member"),
    "keep_product_file": _("Uploaded a product file"),
    "list_product": _("Listed a product"),
    "list_products": _("Listed products"),
    "mark_all_read": _("Marked notices as read"),
    "open_business": _("Applied with a business"),
    "open_category": _("Opened a category"),
    "open_code_device": _("Opened the member code on a device"),
    "open_merchant": _("Opened a merchant"),
    "open_person": _("Opened a person"),
    "open_store": _("Opened a store"),
    "prove_mail_address": _("Confirmed an e-mail address"),
    "publish_programme": _("Published a programme"),
    "publish_rule": _("Published a rule"),
    "publish_version": _("Published a rule's version"),
    "reapply_merchant": _("Applied again"),
    "record_consent": _("Recorded a consent"),
    "record_purchase": _("Recorded a purchase"),
    "record_return": _("Recorded a return"),
    "redeem_member_code": _("Scanned a member code"),
    "register_person": _("Registered a member"),
    "reinstate_merchant": _("Lifted a suspension"),
    "remove_passkey": _("Removed a passkey"),
    "remove_password": _("Removed a password"),
    "remove_picture": _("Removed a picture"),
    "rename_passkey": _("Renamed a passkey"),
    "resume_import": _("Resumed an import"),
    "retry_job": _("Ran a job again"),
    "revoke_key": _("Revoked an API key"),
    "send_code": _("Sent a sign-in code"),
    "set_level": _("Set a level"),
    "set_password": _("Set a password"),
    "sign_in": _("Signed in"),
    "sign_out": _("Signed out"),
    "suspend_merchant": _("Suspended a merchant"),
    "try_code": _("Tried a code"),
    "upload_purchases": _("Uploaded purchases"),
    "use_picture": _("Changed a picture"),
    "withdraw_product": _("Withdrew a product"),
}
"""What was done."""

KINDS: Mapping[str, "_StrPromise"] = {
    **EVENT_KINDS,
    "api_key": _("API key"),
    "category": _("Category"),
    "customer": _("Member"),
    "day": _("Day"),
    "earning_rule": _("Earning rule"),
    "employment": _("Employment"),
    "import": _("Import"),
    "merchant": _("Merchant"),
    "notice": _("Notice"),
    "person": _("Person"),
    "policy": _("Policy"),
    "product": _("Product"),
    "product_file": _("Product file"),
    "programme": _("Programme"),
    "purchase": _("Purchase"),
    "return": _("Return"),
    "sign_in_code": _("Sign-in code"),
    "store": _("Store"),
    "upload": _("Upload"),
}
"""What it was done to."""
