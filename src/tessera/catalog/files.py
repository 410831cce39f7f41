"""Files of products: which column holds what, and each line read into what it says. Nothing here touches the database."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from tessera.catalog.errors import GtinInvalid, GtinRounded, SkuColumnMissing
from tessera.catalog.rules import is_rounded, mended_gtin
from tessera.kit.cells import amount_from, plain_heading, text_from
from tessera.kit.errors import FieldMissing, LineUnreadable
from tessera.kit.refusals import Refusal
from tessera.kit.tables import Row

__all__ = ["MOST_LINES", "ROLES", "Fault", "Line", "find_places", "read_lines"]

MOST_LINES = 20_000
"""Most products of one file: it is looked at and brought in while somebody waits."""

ROLES = ("sku", "name", "gtin", "price", "category")

_HEADINGS: Mapping[str, tuple[str, ...]] = {
    "sku": ("货号", "商品货号", "商品编码", "商品编号", "商品代码", "货品编码", "货品编号", "物料编码", "sku", "skuid", "skucode", "stockcode",
            "itemcode", "itemno", "itemid", "productcode", "productno", "productid", "articleno", "articlenumber"),
    "name": ("名称", "商品名称", "商品名", "品名", "货品名称", "name", "productname", "itemname", "description", "title"),
    "gtin": ("条码", "商品条码", "条形码", "国际条码", "gtin", "ean", "ean13", "upc", "barcode", "gtin13", "gtin14"),
    "price": ("价格", "单价", "售价", "零售价", "标价", "price", "unitprice", "retailprice", "pricecny", "price元"),
    "category": ("分类", "类别", "品类", "商品分类", "商品类别", "category", "categories", "department", "group"),
}  # fmt: skip
_MOST = {"sku": 64, "name": 200, "gtin": 40, "category": 100}
_FORMULA = re.compile(r"^'(?=[=+\-@\t\r])")


@dataclass(frozen=True, slots=True)
class Line:
    """What one line says of a product; None: nothing, so it stays as it is."""

    line_no: int
    sku: str
    name: str | None = None
    gtin: str | None = None
    price_minor: int | None = None
    category: str | None = None
    zeros_put_back: bool = False


@dataclass(frozen=True, slots=True)
class Fault:
    """A line that is refused."""

    line_no: int
    sku: str
    refusal: Refusal


def find_places(header: Sequence[str], chosen: Mapping[str, int | None]) -> dict[str, int]:
    """Return the column of each role: as chosen (None: no column), else by the usual headings. Nothing is refused."""
    names = [plain_heading(heading) for heading in header]
    places = {role: place for role, place in chosen.items() if place is not None and place < len(names)}
    for role, headings in _HEADINGS.items():
        if role in chosen:
            continue
        found = (names.index(one) for one in headings if one in names)
        place = next((place for place in found if place not in places.values()), None)
        if place is not None:
            places[role] = place
    return places


def read_lines(
    rows: Iterator[Row], header: Sequence[str], places: Mapping[str, int], *, exponent: int
) -> Iterator[Line | Fault]:
    """Yield what each row says, or why it is refused. Refuses as a whole `sku_column_missing`.

    `exponent` is the number of decimal places of the currency.
    """
    if "sku" not in places:
        raise SkuColumnMissing
    for row in rows:
        if row.fields is None or len(row.fields) <= places["sku"]:
            yield Fault(row.line_no, "", LineUnreadable())
            continue
        cells = {role: _cell(row.fields, place) for role, place in places.items()}
        try:
            yield _line(row.line_no, cells, {role: header[place] for role, place in places.items()}, exponent)
        except Refusal as refusal:
            yield Fault(row.line_no, cells["sku"][:64], refusal)


def _cell(fields: Sequence[str], place: int) -> str:
    """A cell without the apostrophe by which our own files keep a text from becoming a formula."""
    return _FORMULA.sub("", fields[place].strip()) if place < len(fields) else ""


def _line(line_no: int, cells: Mapping[str, str], header: Mapping[str, str], exponent: int) -> Line:
    texts = {
        role: text_from(cells[role], column=header[role], most=_MOST[role], number=role == "sku")
        for role in _MOST
        if cells.get(role)
    }
    if not texts.get("sku"):
        raise FieldMissing(column=header["sku"])
    gtin, mended = _gtin(texts["gtin"]) if texts.get("gtin") else (None, False)
    price = cells.get("price")
    return Line(
        line_no=line_no,
        sku=texts["sku"],
        name=texts.get("name"),
        gtin=gtin,
        price_minor=amount_from(price, column=header["price"], exponent=exponent) if price else None,
        category=texts.get("category"),
        zeros_put_back=mended,
    )


def _gtin(cell: str) -> tuple[str, bool]:
    if is_rounded(cell):
        raise GtinRounded(given=cell)
    gtin, mended = mended_gtin(cell)
    if gtin is None:
        raise GtinInvalid(given=cell)
    return gtin, mended
