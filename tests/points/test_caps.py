"""What caps have let through is added up exactly."""

import threading
from datetime import date

import pytest

from tessera.kit.connections import connect
from tessera.kit.ids import new_id
from tessera.points.actions.caps import add_cap_use
from tessera.points.queries import read_cap_use
from tests.points.shop import Shop

DAY = date(2026, 6, 1)
pytestmark = pytest.mark.usefixtures("committed")


def test_points_add_up_by_member_rule_and_day() -> None:
    member, rule = new_id(), new_id()
    one, two = (member, rule, DAY), (member, rule, date(2026, 6, 2))
    with connect() as connection:
        add_cap_use(connection, [(one, 5), (two, 7), (one, 3)])
        add_cap_use(connection, [(one, -2)])
        add_cap_use(connection, [])
        assert read_cap_use(connection, [one, two, (new_id(), rule, DAY)]) == {one: 6, two: 7}
        assert read_cap_use(connection, []) == {}


def test_thirty_two_add_in_opposite_orders_and_nothing_is_lost(shop: Shop) -> None:
    keys = [(new_id(), new_id(), DAY) for _ in range(8)]
    faults: list[BaseException] = []
    start = threading.Barrier(32)

    def work(number: int) -> None:
        try:
            with connect() as connection:
                start.wait()
                for _ in range(5):
                    add_cap_use(connection, [(key, 1) for key in (keys if number % 2 else keys[::-1])])
                    connection.commit()
        except Exception as fault:  # noqa: BLE001 - shown below
            faults.append(fault)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(32)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not faults
    with connect() as connection:
        assert read_cap_use(connection, keys) == dict.fromkeys(keys, 160)
