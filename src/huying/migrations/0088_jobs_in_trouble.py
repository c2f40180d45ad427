from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("huying", "0087_wider_appeals")]

    operations = [
        migrations.RunSQL(
            (SQL / "jobs_in_trouble.sql").read_text(encoding="utf-8"),
            "DROP INDEX job_in_trouble",
        ),
    ]
