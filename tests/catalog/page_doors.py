"""Who gets what at the addresses of the room `catalog` (tests/page_doors.py says how a line is read)."""

import io

from tests.page_doors import PageDoor, staff

_FILE = "/console/{merchant}/products/files"

DOORS: dict[str, PageDoor] = {
    "GET /console/{merchant}/products": staff(guide=200),
    "GET /console/{merchant}/products.csv": staff(guide=200),
    "POST /console/{merchant}/products/bulk": staff(
        303, cashier=403, body=lambda cast: {"product": cast.product, "do": "withdraw"}
    ),
    "GET /console/{merchant}/products/new": staff(cashier=403),
    "POST /console/{merchant}/products/new": staff(
        303, cashier=403, body=lambda _: {"sku": "N-1", "name": "Oolong", "price": "8.00"}
    ),
    f"GET {_FILE}": staff(cashier=403),
    f"POST {_FILE}": staff(
        303, cashier=403, body=lambda _: {"file": io.BytesIO(b"sku,name\nN-2,Oolong\n"), "encoding": "auto"}
    ),
    f"GET {_FILE}/template.csv": staff(cashier=403),
    f"GET {_FILE}/{{product_file}}": staff(cashier=403),
    f"POST {_FILE}/{{product_file}}": staff(303, cashier=403, body=lambda _: {"sku": "0", "name": "1"}),
    f"GET {_FILE}/{{product_file}}/faults.csv": staff(cashier=403),
    "GET /console/{merchant}/products/{product}": staff(guide=200),
    "POST /console/{merchant}/products/{product}": staff(
        303, cashier=403, body=lambda _: {"name": "Green tea, new", "price": "12.50"}
    ),
    "POST /console/{merchant}/products/{product}/withdrawal": staff(
        303, cashier=403, body=lambda _: {"do": "withdraw"}
    ),
}
