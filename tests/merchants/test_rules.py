"""Pure rules about merchants."""

import pytest

from tessera.merchants.rules import is_credit_code, status_of
from tests.cast import credit_code

CHARACTERS = "0123456789ABCDEFGHJKLMNPQRTUWXY"


@pytest.mark.parametrize("code", ["91350100M000100Y43", "91110000600037341L"])
def test_codes_in_public_use_are_right(code: str) -> None:
    assert is_credit_code(code)


def test_every_single_wrong_character_is_found() -> None:
    code = credit_code(123456789)
    assert is_credit_code(code)
    for place in range(18):
        for character in CHARACTERS:
            if character != code[place]:
                assert not is_credit_code(code[:place] + character + code[place + 1 :])


@pytest.mark.parametrize("code", ["", "9", "91110000600037341", "91110000600037341l", "9111000060003734１L"])
def test_other_forms_are_wrong(code: str) -> None:
    assert not is_credit_code(code)


def test_status() -> None:
    assert status_of(approved=False, suspended=False) == "pending"
    assert status_of(approved=True, suspended=False) == "active"
    assert status_of(approved=True, suspended=True) == "suspended"
    assert status_of(approved=False, suspended=True) == "suspended"
