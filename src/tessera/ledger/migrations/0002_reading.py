from django.db import migrations

from tessera.kit.sql import statement


class Migration(migrations.Migration):

    dependencies = [
        ("ledger", "0001_initial"),
    ]

    operations = [
        migrations.RunSQL(statement("ledger", "reading"), migrations.RunSQL.noop),
    ]
