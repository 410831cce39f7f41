"""Imports over the API: lists with counts, faults by line."""

import json
from pathlib import Path

from django.db import transaction

from tessera.kit.ids import show_id
from tests.cast import READ_SCOPES, assert_refused, make_caller
from tests.orders.test_import import HEADER, run_import, the_import, written
from tests.orders.till import Till


def test_imports_and_their_faults(till: Till, tmp_path: Path) -> None:
    bad = "".join(f"S{number},2026-05-01,A,0,10,C-1\n" for number in range(3))
    run_import(till, written(tmp_path / "till.csv", HEADER + "S9,2026-05-01,A,1,10,C-1\n" + bad))
    with transaction.atomic():
        reader = make_caller("reader", till.id, READ_SCOPES)
        catalog = make_caller("catalog", till.id, ["catalog:read"])
        stranger = make_caller("stranger", Till(till.connection).id, READ_SCOPES)
    path = f"/merchants/{show_id('mer', till.id)}/imports"
    [item] = json.loads(reader.get(path).content)["items"]
    assert (item["file_name"], item["done"], item["counts"]["lines_at_fault"]) == ("till.csv", 4, 3)
    assert item["finished_at"] is not None

    faults = f"{path}/{show_id('imp', the_import(till).id)}/faults"
    first = json.loads(reader.get(f"{faults}?limit=2").content)["items"]
    assert [(one["line_no"], one["code"]) for one in first] == [
        (3, "quantity_unreadable"),
        (4, "quantity_unreadable"),
    ]
    assert first[0]["sentence"] == "“0” in the column “数量” is not a whole number other than 0."
    rest = json.loads(reader.get(f"{faults}?after_line=4", language="zh-CN").content)["items"]
    assert [one["sentence"] for one in rest] == ["“数量”列中的“0”不是非零整数。"]
    for caller, status, code in ((catalog, 403, "scope_missing"), (stranger, 404, "not_found")):
        assert_refused(caller.get(path), status, code)
        assert_refused(caller.get(faults), status, code)
