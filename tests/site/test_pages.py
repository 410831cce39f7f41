"""Start page, health, the OpenAPI document and its readable page."""

import json
import re

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.db import OperationalError
from django.http import HttpResponse

from tessera.site import views

FOREIGN = re.compile(r"""(?:src|href|action|url\()\s*=?\s*["'(]?\s*(?:https?:)?//""", re.IGNORECASE)


def foreign(response: HttpResponse) -> list[str]:
    return FOREIGN.findall(response.content.decode())


@pytest.mark.parametrize(
    ("language", "lang", "words"),
    [("en", "en", "Sign in"), ("zh-CN", "zh-Hans", "登录"), ("de", "zh-Hans", "登录")],
)
def test_the_start_page_in_the_readers_language(client, language: str, lang: str, words: str) -> None:
    response = client.get("/", headers={"Accept-Language": language})
    text = response.content.decode()
    assert response.status_code == 200
    assert f'<html lang="{lang}"' in text
    assert words in text
    assert response["Content-Language"] in {"en", "zh-hans"}
    for link in ("/sign-in", "/api/v1/docs", "/api/v1/openapi.json", "/healthz"):
        assert f'href="{link}"' in text
    assert foreign(response) == []
    assert "default-src 'none'" in response["Content-Security-Policy"]


def test_health(client, db: None) -> None:
    response = client.get("/healthz")
    assert response.status_code == 200
    assert json.loads(response.content) == {"status": "ok", "database": True, "migrated": True}
    assert response["Cache-Control"] == "no-store"


def test_health_says_when_migrations_wait(client, db: None, monkeypatch) -> None:
    monkeypatch.setattr(views, "_complete", False)
    monkeypatch.setattr(views.database, "find_pending", lambda: ["ledger.0002"])
    response = client.get("/healthz")
    assert response.status_code == 503
    assert json.loads(response.content) == {"status": "unavailable", "database": True, "migrated": False}


def test_health_says_when_the_database_is_gone(client, monkeypatch) -> None:
    class Gone:
        def cursor(self) -> None:
            raise OperationalError

    monkeypatch.setattr(views, "connection", Gone())
    response = client.get("/healthz")
    assert response.status_code == 503
    assert json.loads(response.content)["database"] is False


def test_the_document_is_public_and_whole(client) -> None:
    response = client.get("/api/v1/openapi.json")
    document = json.loads(response.content)
    assert response.status_code == 200
    assert document["openapi"].startswith("3.1")
    for path, methods in document["paths"].items():
        assert path.startswith("/api/v1/")
        for method, operation in methods.items():
            headers = {item["name"] for item in operation["parameters"] if item["in"] == "header"}
            assert ("Idempotency-Key" in headers) is (method != "get"), path
            assert operation["summary"]
            assert operation["description"]
            assert operation["security"]
            assert {"401", "422", "500"} <= operation["responses"].keys()
            assert any(status.startswith("2") for status in operation["responses"]), path
    ids = [
        operation["operationId"] for methods in document["paths"].values() for operation in methods.values()
    ]
    assert len(set(ids)) == len(ids)
    text = response.content.decode()
    for name in re.findall(r'"#/components/schemas/([^"]+)"', text):
        assert name in document["components"]["schemas"]


def test_the_readable_page_asks_nobody_else(client) -> None:
    response = client.get("/api/v1/docs")
    text = response.content.decode()
    assert response.status_code == 200
    assert foreign(response) == []
    told = json.loads(re.search(r'id="swagger-settings">(.*?)</script>', text, re.DOTALL)[1])
    assert told["validatorUrl"] is None
    files = re.findall(rf'(?:src|href)="{settings.STATIC_URL}([^"]+)"', text)
    assert len(files) >= 3
    for file in files:
        assert finders.find(file), file


def test_elsewhere_nothing_is_found(client) -> None:
    response = client.get("/nowhere", headers={"Accept-Language": "en"})
    assert response.status_code == 404
    assert "nothing here" in response.content.decode()
