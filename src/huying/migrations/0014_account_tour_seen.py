"""Who has signed in before knows the desk: the tour is for those who come for the first time."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("huying", "0013_token_words"),
    ]

    operations = [
        migrations.AddField(
            model_name="account",
            name="tour_seen_at",
            field=models.DateTimeField(
                blank=True,
                help_text="when the tour of the queue was ended or skipped",
                null=True,
            ),
        ),
        migrations.RunSQL(
            "UPDATE account SET tour_seen_at = last_login WHERE last_login IS NOT NULL",
            reverse_sql=migrations.RunSQL.noop,
            elidable=True,
        ),
    ]
