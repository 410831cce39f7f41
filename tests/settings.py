"""Settings of a test run: the product's, with a database, a data directory and a secret of this run alone.

The first process of a run makes the run's home (a temporary folder) and tells the workers through the environment.
"""

import os
import secrets
import tempfile
from urllib.parse import quote

if "TESSERA_TEST_HOME" not in os.environ:
    os.environ["TESSERA_TEST_HOME"] = tempfile.mkdtemp(prefix="tessera-test-")
    os.environ["TESSERA_TEST_OUTSIDE"] = os.environ.get("DATABASE_URL", "")
    os.environ["TESSERA_TEST_TOKEN"] = f"tessera_test_{secrets.token_hex(4)}"
    os.environ["TESSERA_TEST_OWNS_HOME"] = str(os.getpid())

HOME = os.environ["TESSERA_TEST_HOME"]
os.environ["TMPDIR"] = tempfile.tempdir = (
    HOME  # pytest's own folders go with the run's, and are removed with it
)
OUTSIDE = os.environ["TESSERA_TEST_OUTSIDE"]
DATABASE = f"{os.environ['TESSERA_TEST_TOKEN']}_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}"


def owner_url(database: str) -> str:
    """Return the owner's address of `database` on the server of this run."""
    if OUTSIDE:
        from psycopg.conninfo import conninfo_to_dict

        address = {**conninfo_to_dict(OUTSIDE), "dbname": database}
        pairs = "&".join(f"{key}={quote(str(value), safe='')}" for key, value in address.items() if value)
        return f"postgresql:///?{pairs}"
    return f"postgresql://postgres@/{database}?host={HOME}/run"


os.environ["TESSERA_DATA_DIR"] = f"{HOME}/{os.environ.get('PYTEST_XDIST_WORKER', 'main')}"
os.environ["TESSERA_SECRET_KEY"] = "made-for-tests-" + "x" * 40
if OUTSIDE:
    os.environ["DATABASE_URL"] = owner_url(DATABASE)
else:
    os.environ["DATABASE_URL"] = f"postgresql://tessera@/{DATABASE}?host={HOME}/run"
    os.environ["TESSERA_OWNER_DATABASE_URL"] = owner_url(DATABASE)

from tessera.site.settings import *  # noqa: E402, F403 - the environment must be complete first
