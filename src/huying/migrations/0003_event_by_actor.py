"""Finds the events of one person, for the workbench."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("huying", "0002_event_log")]

    operations = [
        migrations.RunSQL(
            (SQL / "event_by_actor.sql").read_text(encoding="utf-8"),
            reverse_sql="DROP INDEX case_event_by_actor",
            elidable=False,
        ),
    ]
