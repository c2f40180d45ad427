"""A name of one letter was shown whole where it should have been masked."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("huying", "0010_export_query")]

    operations = [
        migrations.RunSQL(
            "UPDATE case_contact SET name_masked = '*' WHERE length(name_masked) = 1",
            reverse_sql=migrations.RunSQL.noop,
            elidable=True,
        ),
    ]
