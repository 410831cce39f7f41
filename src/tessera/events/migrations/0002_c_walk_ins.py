from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("events", "0001_initial")]

    operations = [
        migrations.AddField("event", "walk_ins", models.BooleanField(db_default=True, default=True)),
        migrations.AddField("seats", "over_capacity", models.IntegerField(db_default=0, default=0)),
        migrations.AddField("terminal", "waiting", models.IntegerField(null=True)),
        migrations.RemoveConstraint("seats", "events_seats_within_capacity"),
        migrations.AddConstraint(
            "seats",
            models.CheckConstraint(
                condition=models.Q(
                    ("taken__gte", 0),
                    ("over_capacity__gte", 0),
                    models.Q(
                        ("capacity__isnull", True),
                        ("taken__lte", models.F("capacity") + models.F("over_capacity")),
                        _connector="OR",
                    ),
                ),
                name="events_seats_within_capacity",
            ),
        ),
    ]
