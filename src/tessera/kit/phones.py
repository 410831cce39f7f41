"""Phone numbers: kept in E.164, shown masked to others (spec/README.md, rule 7)."""

import phonenumbers

from tessera.kit.errors import PhoneInvalid

__all__ = ["masked_phone", "normal_phone"]


def normal_phone(text: str, *, region: str = "CN") -> str:
    """Return `text` in E.164 ("+86..."); a number without country code is read as one of `region`.

    Refuses `phone_invalid` for what cannot be a phone number anywhere. Whether the number is in service is proven by
    a code sent to it, not by its digits.
    """
    try:
        number = phonenumbers.parse(text[:40], region)
    except phonenumbers.NumberParseException:
        raise PhoneInvalid from None
    if number.extension or not phonenumbers.is_possible_number(number):
        raise PhoneInvalid
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def masked_phone(phone: str) -> str:
    """Return an E.164 number as others may see it: "138****1234" for +86, "+4479****3456" elsewhere."""
    head = phone[3:6] if phone.startswith("+86") else phone[:5]
    return f"{head}****{phone[-4:]}"
