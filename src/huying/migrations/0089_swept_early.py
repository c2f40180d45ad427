"""Tables that hold the rates are swept by the number of their dead rows, not by their share."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("huying", "0088_jobs_in_trouble"), ("sessions", "0001_initial")]

    operations = [
        migrations.RunSQL((SQL / "swept_early.sql").read_text("utf-8"), migrations.RunSQL.noop),
    ]
