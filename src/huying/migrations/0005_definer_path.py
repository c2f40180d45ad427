"""What runs with the owner's rights looks at the caller's temporary tables last."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("huying", "0004_export")]

    operations = [
        migrations.RunSQL(
            (SQL / "definer_path.sql").read_text(encoding="utf-8"),
            reverse_sql=(
                "ALTER FUNCTION case_event_partitions(integer) SET search_path = pg_catalog, public"
            ),
            elidable=False,
        ),
    ]
