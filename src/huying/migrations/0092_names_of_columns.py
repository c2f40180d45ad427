"""Names of columns as they are shown; nothing in the tables changes."""

import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("huying", "0091_open_in_area")]

    operations = [
        migrations.AlterField(
            "integration", "created_at", models.DateTimeField(verbose_name="created at")
        ),
        migrations.AlterField(
            "subscription", "told_until", models.DateTimeField(verbose_name="events told up to")
        ),
        migrations.AlterField(
            "item",
            "trial_towns",
            django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=9),
                blank=True,
                default=list,
                verbose_name="tried in",
                size=None,
            ),
        ),
        migrations.AlterField(
            "wallscreen",
            "district_code",
            models.CharField(max_length=6, verbose_name="district code"),
        ),
    ]
