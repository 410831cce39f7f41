"""Forms that are sent twice in the same moment."""

import threading
from typing import Any

import pytest
from django.db import connections

from tessera.kit import pages
from tessera.kit.ids import new_id
from tessera.merchants.models import ApiKey
from tests.page_cast import make_page_cast


def test_a_double_click_shows_no_secret_of_a_key_that_does_not_exist(
    committed: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Prevents the slower of two clicks from showing the secret of a key that was rolled back."""
    cast = make_page_cast()
    form = {"request_id": new_id().hex, "label": str(new_id()), "scopes": "members:read"}
    looked, waited, found = threading.Barrier(2), threading.local(), pages.find_answer

    def found_together(*given: Any) -> Any:
        answer = found(*given)
        if not hasattr(waited, "once"):
            waited.once = looked.wait(timeout=10)
        return answer

    monkeypatch.setattr(pages, "find_answer", found_together)
    shown: list[bool] = []

    def click() -> None:
        shown.append(b"tsk_" in cast.client("owner").post(f"/console/{cast.merchant}/keys", form).content)
        connections.close_all()

    clicks = [threading.Thread(target=click) for _ in range(2)]
    for one in clicks:
        one.start()
    for one in clicks:
        one.join()
    assert ApiKey.objects.filter(label=form["label"]).count() == 1
    assert sorted(shown) == [False, True]
