"""Products on the console: the table, one product, many at once, files in and out."""

import io
import re
import uuid
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from PIL import Image

from tessera.catalog.actions.categories import open_category
from tessera.catalog.actions.products import NewProduct, list_products
from tessera.catalog.models import Category, Price, Product, ProductFile
from tessera.catalog.rules import check_digit_of, mended_gtin, normal_gtin, short_gtin
from tessera.kit.actors import SYSTEM
from tessera.kit.ids import show_id
from tessera.kit.media import find_picture
from tests.cast import NOW
from tests.console import Desk, opened_desk

ROOT = Path(__file__).parents[2]
BARCODES = ROOT.parent / "shared" / "data" / "barcodes" / "off_sample.csv"


@pytest.fixture
def desk(db: None) -> Desk:
    return opened_desk()


def _picture(colour: str = "#c8372d") -> SimpleUploadedFile:
    out = io.BytesIO()
    Image.new("RGB", (300, 200), colour).save(out, "JPEG")
    return SimpleUploadedFile("tart.jpg", out.getvalue(), "image/jpeg")


def _list(desk: Desk, *products: NewProduct) -> list[Product]:
    listed = list_products(merchant_id=desk.merchant_id, products=products, now=NOW, actor=SYSTEM)
    assert all(isinstance(one, Product) for one in listed)
    return [one for one in listed if isinstance(one, Product)]


def _only(desk: Desk) -> Product:
    return Product.objects.get(merchant_id=desk.merchant_id)


def test_a_product_is_listed_with_picture_and_new_category(desk: Desk) -> None:
    body = {
        "sku": "T-1",
        "name": "Egg tart",
        "gtin": "6901234567892",
        "price": "¥9.50",
        "new_category": "Tarts",
    }
    assert desk.post("/products/new", body | {"picture": _picture()}).status_code == 303
    product = _only(desk)
    assert (product.gtin, product.price_minor) == ("06901234567892", 950)
    assert product.category == Category.objects.get(name="Tarts")
    assert find_picture(product.picture, 96) is not None
    shown = desk.get("/products").content.decode()
    assert f"/media/{product.picture}-96.webp" in shown
    assert "6901234567892" in shown


@pytest.mark.parametrize(
    ("gtin", "why"),
    [
        ("6901234567893", "should be 2 here"),
        ("690123456789", "should be"),
        ("69012345678", "this one has 11"),
        ("69O1234567892", "digits only"),
    ],
)
def test_a_wrong_bar_code_is_told_what_is_wrong(desk: Desk, gtin: str, why: str) -> None:
    refused = desk.post("/products/new", {"sku": "T-1", "name": "Egg tart", "gtin": gtin})
    assert refused.status_code == 422
    shown = refused.content.decode()
    assert why in shown
    assert f'value="{gtin}"' in shown
    assert not Product.objects.filter(merchant_id=desk.merchant_id).exists()


def test_what_is_no_picture_leaves_no_trace(desk: Desk) -> None:
    for content in (b"<svg/>", b"GIF89a<script>", b""):
        file = SimpleUploadedFile("x.jpg", content, "image/jpeg")
        refused = desk.post("/products/new", {"sku": "T-1", "name": "Egg tart", "picture": file})
        assert refused.status_code == 422
    assert not Product.objects.filter(merchant_id=desk.merchant_id).exists()


def test_a_refused_product_keeps_no_picture(desk: Desk) -> None:
    """Prevents pictures that nothing points to."""
    from django.conf import settings

    _list(desk, NewProduct("T-1", "Egg tart"))
    before = set(Path(settings.TESSERA_DATA_DIR, "media").rglob("*.webp"))
    refused = desk.post("/products/new", {"sku": "T-1", "name": "Again", "picture": _picture()})
    assert refused.status_code == 409
    assert "already has a product with the SKU" in refused.content.decode()
    assert set(Path(settings.TESSERA_DATA_DIR, "media").rglob("*.webp")) == before


def test_a_new_price_is_history_and_the_old_picture_goes(
    desk: Desk, django_capture_on_commit_callbacks: object
) -> None:
    desk.post("/products/new", {"sku": "T-1", "name": "Egg tart", "price": "8", "picture": _picture()})
    product = _only(desk)
    address = f"/products/{show_id('prd', product.id)}"
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]  # pytest-django's fixture
        changed = desk.post(address, {"name": "Tart", "price": "9.50", "picture": _picture("#23704a")})
    assert changed.status_code == 303
    assert [price.price_minor for price in Price.objects.filter(product=product).order_by("id")] == [800, 950]
    shown = desk.get(address).content.decode()
    assert "¥9.50" in shown
    assert "¥8.00" in shown
    assert find_picture(product.picture, 96) is None
    assert find_picture(_only(desk).picture, 96) is not None


def test_withdrawn_and_listed_again(desk: Desk) -> None:
    (product,) = _list(desk, NewProduct("T-1", "Egg tart"))
    path = f"/products/{show_id('prd', product.id)}/withdrawal"
    desk.post(path, {"do": "withdraw"})
    assert _only(desk).withdrawn_at is not None
    assert "No product yet" in desk.get("/products").content.decode()
    assert "Egg tart" in desk.get("/products?state=withdrawn").content.decode()
    desk.post(path, {"do": "relist"})
    assert _only(desk).withdrawn_at is None


def test_many_are_changed_once(desk: Desk) -> None:
    category = open_category(merchant_id=desk.merchant_id, name="Tea", now=NOW, actor=SYSTEM)
    listed = _list(desk, *[NewProduct(f"T-{n}", f"Tea {n}") for n in range(3)])
    ticked = [show_id("prd", product.id) for product in listed[:2]]
    body = {"product": ticked, "do": "category", "category": show_id("cat", category.id)}
    back = desk.post("/products/bulk", body | {"next": "/products?q=tea"})
    assert back.headers["Location"] == "/products?q=tea"
    assert Product.objects.filter(category=category).count() == 2
    request_id = uuid.uuid4().hex
    for _ in range(2):
        desk.post("/products/bulk", {"product": ticked, "do": "withdraw"}, request_id=request_id)
    assert Product.objects.filter(merchant_id=desk.merchant_id, withdrawn_at__isnull=False).count() == 2


def test_another_merchants_product_stops_all(desk: Desk) -> None:
    other = opened_desk("Bakery")
    (own,), (foreign,) = _list(desk, NewProduct("T-1", "Tea")), _list(other, NewProduct("B-1", "Bread"))
    ticked = [show_id("prd", own.id), show_id("prd", foreign.id)]
    assert desk.post("/products/bulk", {"product": ticked, "do": "withdraw"}).status_code == 404
    assert not Product.objects.filter(sku__in=["T-1", "B-1"], withdrawn_at__isnull=False).exists()
    elsewhere = desk.post(
        "/products/bulk", {"product": [], "do": "withdraw", "next": "https://evil.example/"}
    )
    assert elsewhere.headers["Location"] == f"{desk.address}/products"


def test_the_table_is_narrowed_and_goes_on(desk: Desk) -> None:
    _list(desk, *[NewProduct(f"T-{n:03d}", f"Green tea {n}") for n in range(60)])
    _list(desk, NewProduct("X-1", "Egg tart", gtin="6901234567892"))
    first = desk.get("/products?q=green").content.decode()
    cursor = re.findall(r"cursor=([\w-]+)", first)[0]
    second = desk.get(f"/products?q=green&cursor={cursor}").content.decode()
    assert len(set(re.findall(r"products/(prd_\w+)", first + second))) == 60
    for asked in ("X-1", "egg", "6901234567892"):
        assert "Egg tart" in desk.get("/products", data={"q": asked}).content.decode()
    assert "No product found" in desk.get("/products?q=coffee").content.decode()


def test_the_table_asks_a_bounded_number_of_questions(desk: Desk) -> None:
    _list(desk, *[NewProduct(f"T-{n:03d}", f"Tea {n}") for n in range(50)])
    with CaptureQueriesContext(
        connection,
    ) as few:
        desk.get("/products")
    assert len(few) <= 12


def test_the_file_out_comes_in_again_unchanged(desk: Desk) -> None:
    tea = open_category(merchant_id=desk.merchant_id, name="茶", now=NOW, actor=SYSTEM)
    _list(
        desk,
        NewProduct("=1+1", "@tea", gtin="0036000291452", category_id=tea.id, price_minor=1250),
        NewProduct("-2", "绿茶"),
    )
    file = b"".join(desk.get("/products.csv?state=all"))
    assert b"'=1+1,'@tea,0036000291452" in file
    page = _looked_at(desk, file)
    assert _figures(page) == ["0", "0", "2", "0"]


def _looked_at(desk: Desk, content: bytes, *, query: str = "", encoding: str = "auto") -> str:
    taken = desk.post(
        "/products/files", {"file": SimpleUploadedFile("goods.csv", content), "encoding": encoding}
    )
    assert taken.status_code == 303, taken.content.decode()
    return desk.browser.get(taken.headers["Location"] + query).content.decode()


def _figures(page: str) -> list[str]:
    """New, changed, as they are, refused."""
    return re.findall(r'class="stat-value[^"]*">([\d,]+)<', page)


CHINESE = "货号,商品名称,商品条码,售价,分类\nA-1,龙井茶,6901234567892,￥88.00,茶叶\nA-2,普洱茶,,128,茶叶\n,无货号,,1,\nA-3,坏条码,6901234567893,1,\nA-1,又一次,,1,\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_a_file_is_looked_at_and_brought_in(desk: Desk, encoding: str) -> None:
    page = _looked_at(desk, CHINESE.encode(encoding))
    assert _figures(page) == ["2", "0", "0", "3"]
    for why in ("The column “货号” is empty", "6901234567893”", "stands on line 2 already"):
        assert why in page
    assert not Product.objects.filter(merchant_id=desk.merchant_id).exists()
    file = ProductFile.objects.get(merchant_id=desk.merchant_id)
    address = f"/products/files/{show_id('pfl', file.id)}"
    before = b"".join(desk.get(f"{address}/faults.csv")).decode()
    assert desk.post(address, {}).status_code == 303
    tea = Product.objects.get(merchant_id=desk.merchant_id, sku="A-1")
    assert (tea.name, tea.gtin, tea.price_minor) == ("龙井茶", "06901234567892", 8800)
    assert tea.category is not None
    assert tea.category.name == "茶叶"
    assert Category.objects.filter(merchant_id=desk.merchant_id).count() == 1
    assert Price.objects.filter(product=tea).count() == 1
    file.refresh_from_db()
    assert file.content == b""
    assert b"".join(desk.get(f"{address}/faults.csv")).decode() == before
    assert before.count("\n") == 4
    refused = desk.post(address, {})
    assert refused.status_code == 409
    assert "was brought in at" in refused.content.decode()


def test_a_second_file_changes_what_it_names_and_keeps_the_rest(desk: Desk) -> None:
    (tea,) = _list(desk, NewProduct("A-1", "Tea", gtin="6901234567892", price_minor=1000))
    page = _looked_at(desk, b"sku,name,gtin,price\nA-1,,,12.5\nA-9,,,1\n")
    assert _figures(page) == ["0", "1", "0", "1"]
    file = ProductFile.objects.get(merchant_id=desk.merchant_id)
    desk.post(f"/products/files/{show_id('pfl', file.id)}", {})
    changed = _only(desk)
    assert (changed.id, changed.name, changed.gtin, changed.price_minor) == (
        tea.id,
        "Tea",
        "06901234567892",
        1250,
    )
    assert Price.objects.filter(product=tea).count() == 2


def test_columns_are_chosen_by_hand(desk: Desk) -> None:
    content = b"a,b,c\nA-1,Tea,x\n"
    assert "Say which column holds the SKU" in _looked_at(desk, content)
    assert _figures(_looked_at(desk, content, query="?sku=0&name=1&gtin=&price=&category=")) == [
        "1",
        "0",
        "0",
        "0",
    ]


@pytest.mark.parametrize(
    "content", [b"", b"\xff\xfe\x00", b"PK\x03\x04\xff\xd8\x00\x81", b"\x89PNG\r\n\x1a\n\xff"]
)
def test_what_is_no_table_is_refused(desk: Desk, content: bytes) -> None:
    file = SimpleUploadedFile("goods.csv", content)
    refused = desk.post("/products/files", {"file": file, "encoding": "auto"})
    assert refused.status_code == 422
    assert not ProductFile.objects.filter(merchant_id=desk.merchant_id).exists()


def test_too_many_lines_are_refused(desk: Desk) -> None:
    content = b"sku,name\n" + b"".join(b"A-%d,Tea\n" % n for n in range(20_001))
    refused = desk.post("/products/files", {"file": SimpleUploadedFile("g.csv", content), "encoding": "auto"})
    assert refused.status_code == 413
    assert "more than 20000 lines" in refused.content.decode()


def test_gtin_of_another_product_is_refused_by_line(desk: Desk) -> None:
    _list(desk, NewProduct("A-1", "Tea", gtin="6901234567892"))
    page = _looked_at(desk, b"sku,name,gtin\nA-2,Other,6901234567892\n")
    assert _figures(page) == ["0", "0", "0", "1"]
    assert "already has a product with the GTIN" in page


def test_another_merchants_file_is_not_found(desk: Desk) -> None:
    other = opened_desk("Bakery")
    _looked_at(other, b"sku,name\nA-1,Tea\n")
    file = ProductFile.objects.get(merchant_id=other.merchant_id)
    assert desk.post(f"/products/files/{show_id('pfl', file.id)}", {}).status_code == 404
    assert not Product.objects.filter(merchant_id=other.merchant_id).exists()


def test_lost_zeros_are_put_back_and_rounded_numbers_are_named() -> None:
    assert mended_gtin("36000291452") == ("00036000291452", True)
    assert mended_gtin("6901234567892") == ("06901234567892", False)
    assert mended_gtin("6901234567892.0") == ("06901234567892", False)
    assert mended_gtin("12345") == (None, False)
    assert check_digit_of("690123456789") == 2
    assert short_gtin("00000096385074") == "96385074"


def test_real_bar_codes() -> None:
    """Open Food Facts (../shared/data/barcodes): every check digit judged as the list says, lost zeros put back."""
    import csv

    if not BARCODES.exists():
        pytest.skip("the shared bar codes (../shared/data/barcodes) are not here")
    judged = mended = 0
    with BARCODES.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            fits = row["check_digit_ok"] == "True"
            assert (normal_gtin(row["gtin14"]) == row["gtin14"]) is fits, row
            judged += 1
            exported = row["code_as_exported"]
            if fits and exported.isdigit() and len(exported) >= 6:
                found, put_back = mended_gtin(exported)
                if found is not None:
                    assert found == row["gtin14"]
                    mended += put_back
    assert judged == 1470
    assert mended > 0
