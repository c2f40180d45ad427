"""The event log, partitioned from the start, the serial of case numbers, and jobs without NOTIFY."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [
        ("huying", "0001_initial"),
        ("procrastinate", "0041_post_retry_failed_job"),
    ]

    operations = [
        migrations.RunSQL((SQL / "event_log.sql").read_text(encoding="utf-8"), elidable=False),
        migrations.RunSQL((SQL / "quiet_jobs.sql").read_text(encoding="utf-8"), elidable=False),
    ]
