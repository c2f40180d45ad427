"""A search of eighty Chinese words takes more room in an address than there was."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("huying", "0009_finding"),
    ]

    operations = [
        migrations.AlterField(
            model_name="export",
            name="query",
            field=models.TextField(blank=True, help_text="the queue's filters, as in its address"),
        ),
    ]
