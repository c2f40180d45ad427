"""What cases are found by: pairs of characters, initials of addresses, last digits; and the
indexes of a queue with a million cases behind it."""

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import django.db.models.deletion
from django.db import migrations, models

SQL = Path(__file__).resolve().parent.parent / "sql"
OPEN = ["accepted", "checked", "dispatched", "handled", "handling", "reported"]
ENDED = ["closed", "declined", "merged", "withdrawn"]


def spell_addresses(apps: Any, schema: Any) -> None:
    from huying.cases.finding import address_words

    words = apps.get_model("huying", "CaseAddressWords")
    cases = apps.get_model("huying", "Case").objects.using(schema.connection.alias)
    rows: Iterator[tuple[Any, str, str]] = (
        cases.exclude(address="").values_list("pk", "district_code", "address").iterator(2000)
    )
    while batch := list(islice(rows, 2000)):
        words.objects.using(schema.connection.alias).bulk_create(
            words(case_id=pk, district_code=district, words=address_words(address))
            for pk, district, address in batch
        )


class Migration(migrations.Migration):
    dependencies = [("huying", "0008_account_outside_id")]

    operations = [
        migrations.CreateModel(
            name="CaseAddressWords",
            fields=[
                (
                    "case",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="huying.case",
                    ),
                ),
                ("district_code", models.CharField(max_length=6)),
                ("words", models.TextField()),
            ],
            options={"db_table": "case_address_words"},
        ),
        migrations.RemoveIndex(model_name="casetext", name="case_text_words"),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                models.F("due_at"),
                models.F("received_at"),
                models.F("id"),
                condition=models.Q(("state__in", OPEN)),
                name="case_open_by_due",
            ),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                models.F("item_code"),
                models.F("received_at"),
                models.F("id"),
                condition=models.Q(("state__in", ENDED)),
                name="case_ended_by_item",
            ),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                models.F("channel"),
                models.F("received_at"),
                models.F("id"),
                condition=models.Q(("state__in", ENDED)),
                name="case_ended_by_channel",
            ),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                models.F("state"),
                models.F("received_at"),
                models.F("id"),
                condition=models.Q(("state__in", ENDED[1:])),
                name="case_ended_unusually",
            ),
        ),
        migrations.RunPython(spell_addresses, migrations.RunPython.noop, elidable=False),
        migrations.RunSQL(
            (SQL / "finding.sql").read_text(encoding="utf-8"),
            reverse_sql=(
                "DROP INDEX case_by_last_digits, case_address_bigrams, case_text_bigrams;"
                " DROP FUNCTION bigrams(text)"
            ),
            elidable=False,
        ),
    ]
