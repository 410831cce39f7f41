"""Pages of the room `catalog`: parse, one action or query, render."""

from django.urls import URLPattern, path

from tessera.catalog.pages import files, product, products

__all__ = ["urlpatterns"]

_PRODUCTS = "console/<str:merchant>/products"

urlpatterns: list[URLPattern] = [
    path(_PRODUCTS, products.products, name="products"),
    path(f"{_PRODUCTS}.csv", products.products_csv, name="products-csv"),
    path(f"{_PRODUCTS}/bulk", products.bulk, name="products-bulk"),
    path(f"{_PRODUCTS}/new", product.new, name="new-product"),
    path(f"{_PRODUCTS}/files", files.upload, name="product-files"),
    path(f"{_PRODUCTS}/files/template.csv", files.template_csv, name="product-template"),
    path(f"{_PRODUCTS}/files/<str:product_file>", files.bring_in, name="product-file"),
    path(f"{_PRODUCTS}/files/<str:product_file>/faults.csv", files.faults_csv, name="product-file-faults"),
    path(f"{_PRODUCTS}/<str:product>", product.edit, name="product"),
    path(f"{_PRODUCTS}/<str:product>/withdrawal", product.withdraw, name="product-withdrawal"),
]
