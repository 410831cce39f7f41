"""What a file of products would do: what is new, what changes, what stays, what is refused and why."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from uuid import UUID

from tessera.catalog.errors import GtinTaken, SkuRepeated
from tessera.catalog.files import Fault, Line
from tessera.catalog.models import Category, Product
from tessera.kit.errors import FieldMissing

__all__ = ["Plan", "plan_file"]

_AT_ONCE = 5000


@dataclass(slots=True)
class Plan:
    """Lines by what they do; `changed` has each with the product as it stands."""

    new: list[Line] = field(default_factory=list)
    changed: list[tuple[Line, Product]] = field(default_factory=list)
    same: int = 0
    zeros_put_back: int = 0
    faults: list[Fault] = field(default_factory=list)
    categories: list[str] = field(default_factory=list)
    """Names of categories that are not there yet."""
    category_ids: dict[str, UUID] = field(default_factory=dict)

    @property
    def counts(self) -> dict[str, int]:
        """Return how many lines of each kind there are."""
        return {
            "new": len(self.new),
            "changed": len(self.changed),
            "same": self.same,
            "faults": len(self.faults),
            "zeros_put_back": self.zeros_put_back,
            "categories": len(self.categories),
        }


def plan_file(merchant_id: UUID, lines: Iterable[Line | Fault]) -> Plan:
    """Return what the lines would do to the merchant's products; writes nothing.

    A product is known by its SKU. An empty cell changes nothing. Of two lines with one SKU or GTIN the first counts.
    """
    plan = Plan()
    good: list[Line] = []
    seen: dict[str, int] = {}
    for line in lines:
        if isinstance(line, Fault):
            plan.faults.append(line)
        elif line.sku in seen:
            plan.faults.append(Fault(line.line_no, line.sku, SkuRepeated(sku=line.sku, line=seen[line.sku])))
        else:
            seen[line.sku] = line.line_no
            good.append(line)
    known = _known(merchant_id, [line.sku for line in good])
    holders = _holders(merchant_id, [line.gtin for line in good if line.gtin])
    plan.category_ids = {
        name: category_id
        for category_id, name in Category.objects.filter(merchant_id=merchant_id)
        .order_by("-id")
        .values_list("id", "name")
    }
    for line in good:
        _sort(plan, line, known.get(line.sku), holders)
    plan.faults.sort(key=lambda fault: fault.line_no)
    return plan


def _parts(values: Sequence[str]) -> Iterator[Sequence[str]]:
    return (values[first : first + _AT_ONCE] for first in range(0, len(values), _AT_ONCE))


def _known(merchant_id: UUID, skus: Sequence[str]) -> dict[str, Product]:
    found: dict[str, Product] = {}
    for part in _parts(skus):
        found |= {row.sku: row for row in Product.objects.filter(merchant_id=merchant_id, sku__in=part)}
    return found


def _holders(merchant_id: UUID, gtins: Sequence[str]) -> dict[str, str]:
    """Return the SKU of the product that has each of these GTINs."""
    found: dict[str, str] = {}
    for part in _parts(gtins):
        rows = Product.objects.filter(merchant_id=merchant_id, gtin__in=part)
        found |= dict(rows.values_list("gtin", "sku"))
    return found


def _sort(plan: Plan, line: Line, product: Product | None, holders: dict[str, str]) -> None:
    if line.gtin and holders.setdefault(line.gtin, line.sku) != line.sku:
        plan.faults.append(Fault(line.line_no, line.sku, GtinTaken(gtin=line.gtin)))
        return
    if product is None and not line.name:
        plan.faults.append(Fault(line.line_no, line.sku, FieldMissing(column="name")))
        return
    plan.zeros_put_back += line.zeros_put_back
    if line.category and line.category not in plan.category_ids and line.category not in plan.categories:
        plan.categories.append(line.category)
    if product is None:
        plan.new.append(line)
    elif _changes(plan, line, product):
        plan.changed.append((line, product))
    else:
        plan.same += 1


def _changes(plan: Plan, line: Line, product: Product) -> bool:
    said = replace(
        line,
        name=line.name or product.name,
        gtin=line.gtin or product.gtin,
        price_minor=product.price_minor if line.price_minor is None else line.price_minor,
    )
    category_id = plan.category_ids.get(line.category) if line.category else product.category_id
    return (said.name, said.gtin, said.price_minor, category_id) != (
        product.name,
        product.gtin,
        product.price_minor,
        product.category_id,
    )
