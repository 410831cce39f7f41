"""What the application's role may do: asked of the database itself."""

import psycopg
import pytest
from django.db import connection

APPEND_ONLY = ("kit_audit_line", "kit_request", "people_consent")


def test_tests_run_as_the_restricted_role(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
        assert cursor.fetchone() == (False,)
        cursor.execute("SELECT pg_has_role(current_user, 'tessera_app', 'MEMBER')")
        assert cursor.fetchone() == (True,)


def test_ledger_and_trails_cannot_be_changed(owner_connection: psycopg.Connection) -> None:
    rows = owner_connection.execute(
        "SELECT t.tablename, p.privilege FROM pg_tables t,"
        " unnest(ARRAY['INSERT', 'UPDATE', 'DELETE', 'TRUNCATE']) AS p(privilege)"
        " WHERE t.schemaname = 'public' AND has_table_privilege('tessera_app', format('%I', t.tablename), p.privilege)"
    ).fetchall()
    allowed: dict[str, set[str]] = {}
    for table, privilege in rows:
        allowed.setdefault(table, set()).add(privilege)
    assert not [table for table in allowed if table.startswith("ledger_")]
    for table in APPEND_ONLY:
        assert allowed[table] == {"INSERT"}
    assert allowed["kit_news"] == {"INSERT", "UPDATE", "DELETE"}
    assert not [table for table, found in allowed.items() if "TRUNCATE" in found]


@pytest.mark.django_db
def test_an_update_of_the_ledger_is_refused() -> None:
    with connection.cursor() as cursor, pytest.raises(Exception, match="permission denied"):
        cursor.execute("UPDATE ledger_entry SET amount = amount + 1")


def test_ledger_functions_are_not_everybodys(owner_connection: psycopg.Connection) -> None:
    open_to_all = owner_connection.execute(
        "SELECT p.proname FROM pg_proc p WHERE p.pronamespace = 'public'::regnamespace AND p.proname LIKE 'ledger\\_%'"
        " AND EXISTS (SELECT 1 FROM aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a WHERE a.grantee = 0)"
    ).fetchall()
    assert open_to_all == []
