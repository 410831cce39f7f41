"""Country codes that a number can be typed without; any other is typed with + in front."""

import phonenumbers
from django.conf import settings
from django.utils.translation import gettext_lazy as _

__all__ = ["region_choices"]

_REGIONS = {
    "CN": _("Mainland China"), "HK": _("Hong Kong, China"), "MO": _("Macao, China"), "TW": _("Taiwan, China"),
    "SG": _("Singapore"), "MY": _("Malaysia"), "TH": _("Thailand"), "VN": _("Vietnam"), "ID": _("Indonesia"),
    "PH": _("Philippines"), "JP": _("Japan"), "KR": _("South Korea"), "IN": _("India"), "AU": _("Australia"),
    "NZ": _("New Zealand"), "US": _("United States, Canada"), "GB": _("United Kingdom"), "DE": _("Germany"),
    "FR": _("France"), "IT": _("Italy"), "ES": _("Spain"), "NL": _("Netherlands"), "AE": _("United Arab Emirates"),
}  # fmt: skip


def region_choices() -> list[tuple[str, str]]:
    """Return region and label ("+86 Mainland China"), the platform's own region first."""
    own = settings.TESSERA_DEFAULT_REGION
    regions = [own, *(region for region in _REGIONS if region != own)]
    return [
        (region, f"+{phonenumbers.country_code_for_region(region)} {_REGIONS.get(region, region)}")
        for region in regions
    ]
