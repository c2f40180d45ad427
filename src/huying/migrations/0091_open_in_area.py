"""What is open in a grid is found by an index of its own."""

from django.contrib.postgres.indexes import OpClass
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models

OPEN = ["accepted", "checked", "dispatched", "handled", "handling", "reported"]


class Migration(migrations.Migration):
    atomic = False  # an index is made while others write

    dependencies = [("huying", "0090_outgoing_in_order")]

    operations = [
        AddIndexConcurrently(
            "case",
            models.Index(
                OpClass(models.F("area_code"), name="varchar_pattern_ops"),
                name="case_open_in_area",
                condition=models.Q(state__in=OPEN),
            ),
        ),
    ]
