"""API keys: issued with their secret once, found, remembered, revoked."""

import json

import pytest

from tessera.kit.actors import SYSTEM
from tessera.kit.models import Request
from tessera.merchants import keys
from tessera.merchants.actions.keys import issue_key
from tessera.merchants.errors import ScopeNotForMerchants, ScopeUnknown
from tessera.merchants.models import ApiKey
from tests.cast import NOW, READ_SCOPES, Caller, Cast, assert_refused


def test_a_secret_is_shown_once_and_kept_nowhere(cast: Cast) -> None:
    path = f"/merchants/{cast.a.merchant}/api-keys"
    body = {"label": "till 1", "scopes": ["catalog:read"]}
    first = json.loads(cast.full.post(path, body, request_id="k").content)
    again = json.loads(cast.full.post(path, body, request_id="k").content)
    secret = first.pop("secret")
    assert again.pop("secret") is None
    assert first == again
    assert secret.startswith(first["shown_prefix"])
    assert len(secret) > 40
    for answer in Request.objects.values_list("answer", flat=True):
        assert secret.encode() not in bytes(answer)
    assert secret not in cast.full.get(path).content.decode()
    till = Caller("till", secret)
    assert till.get(f"/merchants/{cast.a.merchant}/products").status_code == 200
    assert_refused(till.get(f"/merchants/{cast.a.merchant}/stores"), 403, "scope_missing")


def test_no_key_gives_more_than_it_has(cast: Cast) -> None:
    _, secret = issue_key(
        merchant_id=cast.a.merchant_id, label="x", scopes=["merchants:write"], now=NOW, actor=SYSTEM
    )
    path = f"/merchants/{cast.a.merchant}/api-keys"
    problem = assert_refused(
        Caller("x", secret).post(path, {"label": "y", "scopes": ["members:read"]}), 403, "scope_missing"
    )
    assert problem["details"] == {"needed": "members:read"}
    operator = {"label": "y", "scopes": ["operator"]}
    assert_refused(cast.full.post(path, operator), 422, "scope_not_for_merchants")
    assert_refused(cast.operator.post(path, operator), 422, "scope_not_for_merchants")
    assert_refused(cast.full.post(path, {"label": "y", "scopes": ["all"]}), 422, "scope_unknown")
    with pytest.raises(ScopeUnknown):
        issue_key(merchant_id=None, label="z", scopes=["all"], now=NOW, actor=SYSTEM)
    with pytest.raises(ScopeNotForMerchants):
        issue_key(merchant_id=cast.a.merchant_id, label="z", scopes=["operator"], now=NOW, actor=SYSTEM)


def test_a_revoked_key_opens_nothing_from_then_on(cast: Cast) -> None:
    spare = cast.reader
    assert spare.get("/merchants").status_code == 200
    shown = json.loads(cast.full.get(f"/merchants/{cast.a.merchant}/api-keys").content)["items"]
    key = next(item["id"] for item in shown if item["label"] == "reader")
    assert cast.full.post(f"/api-keys/{key}/revocation").status_code == 201
    assert_refused(spare.get("/merchants"), 401, "unauthenticated")
    assert_refused(cast.full.post(f"/api-keys/{key}/revocation"), 409, "already_revoked")


def test_a_key_is_remembered_for_a_few_seconds(cast: Cast, monkeypatch, django_assert_num_queries) -> None:
    clock = [1000]
    monkeypatch.setattr(keys.time, "monotonic", lambda: clock[0])
    keys.forget_keys()
    secret = cast.reader.secret
    assert secret is not None
    with django_assert_num_queries(2):  # looked up, and its day of use written
        first = keys.find_key(secret)
    with django_assert_num_queries(0):
        assert keys.find_key(secret) == first
    clock[0] += keys.CACHE_S
    with django_assert_num_queries(1):  # the day is written already
        assert keys.find_key(secret) == first
    keys.forget_keys()
    assert first is not None
    assert first.scopes == frozenset(READ_SCOPES)
    assert ApiKey.objects.get(pk=first.id).last_used_on is not None


@pytest.mark.parametrize(
    "secret", ["", "tsk_", "tsk_wrong", "sk_" + "x" * 43, "tsk_" + "x" * 1000, "tsk_\udcff"]
)
def test_what_is_no_key_is_nobody(db: None, secret: str) -> None:
    assert keys.find_key(secret) is None


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer ", "Basic dXNlcjpwYXNz", "Bearer tsk_x", "tsk_x"])
def test_other_headers_are_unauthenticated(client, db: None, header: str) -> None:
    response = client.get("/api/v1/merchants", headers={"Authorization": header})
    assert_refused(response, 401, "unauthenticated")
    assert response["WWW-Authenticate"] == "Bearer"
