"""The worker: scheduled and queued jobs, kept in PostgreSQL. `tessera serve` starts it (`python -m tessera.site.jobs`)."""

import logging
import os

import django

__all__ = ["main"]


def main() -> None:
    """Work until told to stop (SIGTERM, SIGINT); what has begun is finished, for 20 seconds at most.

    Raises what the database says when it is gone: whoever started the worker starts it again.
    """
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tessera.site.settings")
    django.setup()
    logging.getLogger("procrastinate").setLevel(logging.WARNING)  # else two lines every five seconds
    from procrastinate.contrib.django import app
    from procrastinate.contrib.django.django_connector import DjangoConnector

    import tessera.site.schedule  # noqa: F401 - puts the jobs on the schedule

    connector = app.connector
    assert isinstance(connector, DjangoConnector), "the worker is started once"
    with app.replace_connector(connector.get_worker_connector()):
        app.run_worker(
            name="tessera",
            concurrency=2,
            delete_jobs="successful",  # what failed stays for the operator to see; site.mend removes it after three days
            shutdown_graceful_timeout=20,
        )


if __name__ == "__main__":
    main()
