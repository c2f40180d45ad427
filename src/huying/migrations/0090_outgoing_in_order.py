"""The sender finds the next message, and what is under way, by indexes of their own."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False  # an index is made while others write

    dependencies = [("huying", "0089_swept_early")]

    operations = [
        AddIndexConcurrently(
            "outgoing",
            models.Index(
                models.F("alarm").desc(),
                "next_at",
                "id",
                name="outgoing_next",
                condition=models.Q(state="waiting"),
            ),
        ),
        AddIndexConcurrently(
            "outgoing",
            models.Index(
                "target",
                name="outgoing_under_way",
                condition=models.Q(state="waiting", leased_until__isnull=False),
            ),
        ),
    ]
