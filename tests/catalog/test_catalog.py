"""Products and categories over the API and in their rules."""

import json

import pytest

from tessera.catalog.models import Price, Product
from tessera.catalog.queries import find_price, products_by_sku
from tessera.catalog.rules import normal_gtin
from tessera.kit.ids import parse_id
from tests.cast import NOW, Cast, assert_refused


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("6901234567892", "06901234567892"),
        ("96385074", "00000096385074"),
        ("036000291452", "00036000291452"),
        ("10614141000415", "10614141000415"),
        (" 6901234567892 ", "06901234567892"),
        ("6901234567893", None),
        ("690123456789", None),
        ("", None),
        ("69012345678９2", None),
        ("69012345678-2", None),
    ],
)
def test_gtin(given: str, kept: str | None) -> None:
    assert normal_gtin(given) == kept


def test_a_product_is_read_as_written(cast: Cast) -> None:
    body = {
        "sku": "a-1",
        "name": "Cup",
        "gtin": "6901234567892",
        "category": cast.a.category,
        "price_minor": 990,
    }
    product = json.loads(cast.full.post(f"/merchants/{cast.a.merchant}/products", body).content)
    shown = json.loads(cast.reader.get(f"/products/{product['id']}").content)
    assert shown == product == {**body, "id": product["id"], "gtin": "06901234567892", "withdrawn_at": None}


def test_article_numbers_are_unique_as_written(cast: Cast) -> None:
    path = f"/merchants/{cast.a.merchant}/products"
    assert cast.full.post(path, {"sku": "85123A", "name": "x"}).status_code == 201
    assert cast.full.post(path, {"sku": "85123a", "name": "x"}).status_code == 201
    before = Product.objects.count(), Price.objects.count()
    refused = cast.full.post(path, {"sku": "85123A", "name": "x", "price_minor": 5})
    assert_refused(refused, 409, "sku_taken")
    assert (Product.objects.count(), Price.objects.count()) == before
    assert (
        cast.other.post(f"/merchants/{cast.b.merchant}/products", {"sku": "85123A", "name": "x"}).status_code
        == 201
    )


def test_refused_products(cast: Cast) -> None:
    path = f"/merchants/{cast.a.merchant}/products"
    good = {"sku": "g", "name": "x", "gtin": "6901234567892"}
    assert cast.full.post(path, good).status_code == 201
    assert_refused(cast.full.post(path, {**good, "sku": "h"}), 409, "gtin_taken")
    assert_refused(cast.full.post(path, {**good, "gtin": "6901234567893"}), 422, "gtin_invalid")
    assert_refused(
        cast.full.post(path, {"sku": "h", "name": "x", "category": cast.b.category}), 422, "category_unknown"
    )
    assert_refused(cast.full.post(path, {"sku": "h", "name": "x", "category": "cat_1"}), 422, "invalid_id")
    for price in (-1, 12.5, 12.0, "12", True, 10**13):
        assert_refused(
            cast.full.post(path, {"sku": "h", "name": "x", "price_minor": price}), 422, "request_invalid"
        )
    assert Product.objects.filter(sku="h").count() == 0


def test_prices_are_rows(cast: Cast) -> None:
    path = f"/products/{cast.a.product}"
    product_id = parse_id("prd", cast.a.product)
    assert find_price(product_id, at=NOW) == 1250
    for price in (1300, 1300, None):
        assert cast.full.patch(path, {"price_minor": price}).status_code == 200
    rows = (
        Price.objects.filter(product_id=product_id).order_by("from_at").values_list("price_minor", flat=True)
    )
    assert list(rows) == [1250, 1300, None]
    assert find_price(product_id, at=NOW) == 1250


def test_a_change_leaves_alone_what_it_does_not_name(cast: Cast) -> None:
    path = f"/products/{cast.a.product}"
    changed = json.loads(cast.full.patch(path, {"name": "Jasmine"}).content)
    assert (changed["name"], changed["price_minor"], changed["category"]) == (
        "Jasmine",
        1250,
        cast.a.category,
    )
    withdrawn = json.loads(cast.full.patch(path, {"withdrawn": True}).content)["withdrawn_at"]
    assert withdrawn
    assert json.loads(cast.full.patch(path, {"withdrawn": True}).content)["withdrawn_at"] == withdrawn
    assert json.loads(cast.full.patch(path, {"withdrawn": False}).content)["withdrawn_at"] is None
    assert json.loads(cast.full.patch(path, {"category": None}).content)["category"] is None
    assert_refused(cast.full.patch(path, {"gtin": "1"}), 422, "gtin_invalid")
    assert_refused(cast.full.patch(path, {"name": ""}), 422, "request_invalid")
    assert_refused(cast.full.patch(path, {"sku": "new"}), 422, "request_invalid")


def test_bulk_answers_each_product(cast: Cast) -> None:
    path = f"/merchants/{cast.a.merchant}/products/bulk"
    items = [
        {"sku": "n-1", "name": "New", "price_minor": 5},
        {"sku": "T-1", "name": "Taken"},
        {"sku": "n-1", "name": "Twice"},
        {"sku": "n-2", "name": "Bad code", "gtin": "1"},
        {"sku": "n-3"},
        {"sku": "n-4", "name": "Foreign", "category": cast.b.category},
        {"sku": "n-5", "name": "Bad id", "category": "cat_x"},
        {"sku": "n-6", "name": "Good", "gtin": "6901234567892"},
        {"sku": "n-7", "name": "Same code", "gtin": "06901234567892"},
    ]
    response = cast.full.post(path, {"products": items}, request_id="bulk", language="zh-CN")
    answered = json.loads(response.content)
    codes = [line["problem"] and line["problem"]["code"] for line in answered["outcomes"]]
    assert codes == [
        None,
        "sku_taken",
        "sku_taken",
        "gtin_invalid",
        "request_invalid",
        "category_unknown",
        "invalid_id",
        None,
        "gtin_taken",
    ]
    assert [line["index"] for line in answered["outcomes"]] == list(range(9))
    assert (answered["listed"], answered["refused"]) == (2, 7)
    assert "货号" in answered["outcomes"][1]["problem"]["detail"]
    assert set(products_by_sku(cast.a.merchant_id, [item["sku"] for item in items])) == {"n-1", "n-6", "T-1"}
    again = cast.full.post(path, {"products": items}, request_id="bulk")
    assert again.content == response.content


def test_a_thousand_products_take_as_many_statements_as_ten(
    cast: Cast, django_assert_max_num_queries
) -> None:
    path = f"/merchants/{cast.a.merchant}/products/bulk"
    cast.full.get("/merchants")
    items = [{"sku": f"s{number}", "name": "x", "price_minor": number} for number in range(1000)]
    with django_assert_max_num_queries(20):
        answered = json.loads(cast.full.post(path, {"products": items}).content)
    assert answered["listed"] == 1000
    more = [*items, {"sku": "one too many", "name": "x"}]
    assert_refused(cast.full.post(path, {"products": more}), 413, "too_large")
    assert_refused(cast.full.post(path, {"products": []}), 422, "request_invalid")


def test_products_are_listed_in_pages_and_found(cast: Cast, django_assert_num_queries) -> None:
    path = f"/merchants/{cast.a.merchant}/products"
    items = [{"sku": f"s{number}", "name": f"Cup {number}"} for number in range(5)]
    cast.full.post(f"{path}/bulk", {"products": items})
    listed, cursor = [], None
    while True:
        with django_assert_num_queries(1):
            page = json.loads(
                cast.full.get(f"{path}?limit=2" + (f"&cursor={cursor}" if cursor else "")).content
            )
        listed += [item["sku"] for item in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert listed == ["T-1", "s0", "s1", "s2", "s3", "s4"]

    def found(query: str) -> list[str]:
        return [item["sku"] for item in json.loads(cast.full.get(f"{path}?{query}").content)["items"]]

    assert found("sku=s3") == ["s3"]
    assert found("text=green") == ["T-1"]
    assert found(f"category={cast.a.category}") == ["T-1"]
    assert found("withdrawn=true") == []
    assert_refused(cast.full.get(f"{path}?gtin=12"), 422, "gtin_invalid")


def test_categories(cast: Cast, django_assert_num_queries) -> None:
    path = f"/merchants/{cast.a.merchant}/categories"
    child = {"name": "Oolong", "parent": cast.a.category}
    assert cast.full.post(path, child).status_code == 201
    assert_refused(cast.full.post(path, child), 409, "category_taken")
    assert_refused(cast.full.post(path, {"name": "Tea"}), 409, "category_taken")
    assert_refused(cast.full.post(path, {"name": "x", "parent": cast.b.category}), 422, "category_unknown")
    with django_assert_num_queries(1):
        items = json.loads(cast.full.get(path).content)["items"]
    assert [(item["name"], item["parent"]) for item in items] == [("Tea", None), ("Oolong", cast.a.category)]
