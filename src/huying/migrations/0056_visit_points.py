"""A visit keeps the points that were looked at: the place's own may be others by now."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("huying", "0055_finding_buildings")]

    operations = [
        migrations.AddField(
            "patrolvisit", "points", models.JSONField(default=list), preserve_default=True
        ),
        migrations.RunSQL(
            "UPDATE patrol_visit SET points = patrol_place.points"
            " FROM patrol_place"
            " WHERE patrol_place.id = patrol_visit.place_id AND patrol_visit.answers <> '[]'",
            migrations.RunSQL.noop,
        ),
    ]
