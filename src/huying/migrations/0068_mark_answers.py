"""Marks the sealed answers that are there, batch by batch; begun anew it goes on where it was."""

from typing import Any

import orjson
from django.db import migrations, transaction

from huying.audit.crypto import CryptoError, blind_index, decrypt_text, encrypt_text
from huying.audit.keys import KeyFileError

BATCH = 500


def mark_all(apps: Any, schema_editor: Any) -> None:
    from huying.surveys.marking import values_of

    answers = apps.get_model("huying", "SurveyAnswers")
    marks = apps.get_model("huying", "SurveyMark")
    base = schema_editor.connection.alias
    rows = answers.objects.using(base).filter(sealed__isnull=False).order_by("pk")
    last = None
    while found := list((rows.filter(pk__gt=last) if last else rows)[:BATCH]):
        last = found[-1].pk
        done = set(
            marks.objects.using(base)
            .filter(answers__in=[each.pk for each in found])
            .values_list("answers", flat=True)
        )
        made = []
        for row in found:
            if row.pk in done:
                continue
            try:
                clear = decrypt_text(row.sealed, context=f"survey_answers.sealed.{row.pk}")
            except (CryptoError, KeyFileError):
                continue  # it stays unreadable, and is found by nobody
            for value in values_of(orjson.loads(clear)):
                each = marks(answers=row, value_index=blind_index(value))
                each.value_enc = encrypt_text(value, context=f"survey_mark.value_enc.{each.pk}")
                made.append(each)
        with transaction.atomic(using=base):
            marks.objects.using(base).bulk_create(made, batch_size=1000)


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("huying", "0067_asked_everywhere"),
    ]

    operations = [migrations.RunPython(mark_all, migrations.RunPython.noop)]
