"""Finds the moves between the levels, for the page of the desks."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("huying", "0030_lapsing")]

    operations = [
        migrations.RunSQL(
            (SQL / "event_moves.sql").read_text(encoding="utf-8"),
            reverse_sql="DROP INDEX case_event_moves",
            elidable=False,
        ),
    ]
