"""The design system as it is: tokens with their contrast, every component in its states, and the lines to write it."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from django import forms
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from tessera.insights.pages.drawings import Table, chart_of
from tessera.kit.pages import page
from tessera.kit.qr import qr_svg
from tessera.site.palette import PAIRS, contrast, lengths, palettes

__all__ = ["COMPONENTS", "design"]

_SAMPLES = Path(__file__).parent.parent / "templates" / "site" / "design" / "samples"
_SHOP = "福记饼家 Fook Kee Bakery"
_LONG_NAME = (
    "听雨茶馆与山海书店联名旗舰店（人民中路二百一十八号三层东侧） Rain Tea House and Mountain & Sea Books"
)
_LONG_WORD = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft"

COMPONENTS: dict[str, Promise] = {
    "fits": _("The halves fit"),
    "refused": _("They do not fit"),
    "button": _("Button"),
    "field": _("Field"),
    "choice": _("Choice"),
    "stepper": _("Quantity"),
    "pad": _("Number pad"),
    "scanner": _("Scan field"),
    "sheet": _("Sheet"),
    "card": _("Card"),
    "row": _("List row"),
    "facts": _("Facts"),
    "table": _("Table"),
    "tabs": _("Tabs"),
    "toast": _("Toast"),
    "banner": _("Banner"),
    "empty": _("Empty state"),
    "stat": _("Figures"),
    "chart": _("Chart"),
    "qr": _("QR code"),
    "avatar": _("Avatar and picture"),
    "badge": _("Badge"),
    "steps": _("Steps"),
    "progress": _("Progress and waiting"),
}
"""Sample (templates/site/design/samples) -> what the component is called."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One component: its name, as it looks, and the template's lines."""

    key: str
    title: str
    drawn: SafeString
    source: str


class SampleForm(forms.Form):
    """A field of each kind; `wrong` shows a refusal."""

    name = forms.CharField(label=_("Name"), help_text=_("As it stands on the shop's sign."))
    code = forms.CharField(
        label=_("Code"), widget=forms.TextInput(attrs={"inputmode": "numeric", "maxlength": "6"})
    )
    wrong = forms.IntegerField(
        label=_("Points"),
        min_value=1,
        error_messages={"min_value": _("Points are a whole number above zero.")},
    )
    kind = forms.ChoiceField(
        label=_("Kind"),
        choices=[("product", _("By product")), ("category", _("By category")), ("spend", _("By amount"))],
    )
    note = forms.CharField(label=_("Note"), widget=forms.Textarea, required=False)
    plan = forms.ChoiceField(
        label=_("Valid for"),
        widget=forms.RadioSelect,
        choices=[("all", _("All stores")), ("some", _("Chosen stores"))],
    )
    agreed = forms.BooleanField(label=_("Send me a notice before points end"))


@require_safe
def design(request: HttpRequest) -> HttpResponse:
    """Show the design system; in the demo only."""
    if not settings.TESSERA_DEMO:
        raise Http404
    request.scans = True  # type: ignore[attr-defined]  # site/middleware.py reads it: the scan field runs WebAssembly
    shown = _shown()
    told = {
        "samples": list(_samples(shown, request)),
        "colours": _colours(),
        "pairs": _pairs(),
        "spaces": [(name, value) for name, value in lengths("space-")],
        "sizes": [(name, value) for name, value in lengths("text-")],
    }
    return page(request, "site/design/page.html", told)


def _samples(shown: dict[str, Any], request: HttpRequest) -> Iterator[Sample]:
    for key, title in COMPONENTS.items():
        drawn = render_to_string(f"site/design/samples/{key}.html", shown, request)
        yield Sample(key, str(title), drawn, _source(key))


@cache
def _source(key: str) -> str:
    lines = (_SAMPLES / f"{key}.html").read_text(encoding="utf-8").splitlines()
    return "\n".join(line for line in lines if not line.startswith("{% load"))


def _shown() -> dict[str, Any]:
    form = SampleForm(
        {"name": _SHOP, "code": "482913", "wrong": "-3", "kind": "category", "plan": "all", "agreed": "on"}
    )
    return {
        "form": form,
        "shop": _SHOP,
        "long_name": _LONG_NAME,
        "long_word": _LONG_WORD,
        "qr": qr_svg("https://example.org/m/10000000000000"),
        "chart": chart_of(_table()),
        "products": [
            {"name": "杏仁饼 Almond cookies", "category": gettext("Pastry"), "price": 800, "points": 1},
            {
                "name": _LONG_NAME,
                "category": _LONG_WORD,
                "price": 123_456_700,
                "points": 9_007_199_254_740_991,
            },
            {"name": "Egg tart", "category": "", "price": 450, "points": 0},
        ],
    }


def _table() -> Table:
    days = [f"11-{day:02d}" for day in range(1, 15)]
    earned = [120, 98, 143, 160, 210, 340, 318, 131, 122, 150, 149, 260, 402, 371]
    burnt = [-20, -12, -44, -31, -80, -110, -96, -18, -25, -40, -22, -70, -130, -85]
    return Table(
        key="sample-points",
        title=gettext("Points by day"),
        note=gettext("Two weeks of a bakery."),
        headings=[gettext("Day"), gettext("Earned"), gettext("Spent")],
        rows=list(zip(days, earned, burnt, strict=True)),
        labels=days,
        firsts=days,
        shape="bars",
        styles=(2, 1),
    )


def _colours() -> list[dict[str, str]]:
    light, dark = palettes()["light"], palettes()["dark"]
    return [{"name": name, "light": light[name], "dark": dark[name]} for name in light]


def _pairs() -> list[dict[str, Any]]:
    light, dark = palettes()["light"], palettes()["dark"]
    return [
        {
            "front": pair.front,
            "back": pair.back,
            "least": f"{pair.least:.1f}",
            "light": f"{contrast(light[pair.front], light[pair.back]):.1f}",
            "dark": f"{contrast(dark[pair.front], dark[pair.back]):.1f}",
        }
        for pair in PAIRS
    ]
