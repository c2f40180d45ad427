"""A call that nobody sees to, and a refusal that nobody decides on, have a time by which they should.

Calls that wait already get theirs: an unanswered one at the district from its limit, a refusal as
long after it as the unit had to answer.
"""

from typing import Any

from django.db import migrations, models
from django.db.models import F, Q


def give_limits(apps: Any, schema_editor: Any) -> None:
    # As the owner, whose transaction this is: another would wait for it for ever.
    calls = apps.get_model("huying", "Call").objects.using(schema_editor.connection.alias)
    waiting = calls.filter(state="called", climb_at=None)
    waiting.update(tell_at=F("answer_by"))
    until = F("refused_at") + (F("answer_by") - F("asked_at"))
    calls.filter(state="refused").update(decide_by=until, tell_at=until)


class Migration(migrations.Migration):
    dependencies = [("huying", "0032_handover")]

    operations = [
        migrations.AddField(
            "call",
            "decide_by",
            models.DateTimeField(help_text="on the refusal, while it is undecided", null=True),
        ),
        migrations.AddField("call", "tell_at", models.DateTimeField(null=True)),
        migrations.AddField("call", "told", models.PositiveSmallIntegerField(default=0)),
        migrations.RunPython(give_limits, migrations.RunPython.noop),
        migrations.AddIndex(
            "call",
            models.Index("tell_at", condition=Q(tell_at__isnull=False), name="call_to_tell_of"),
        ),
        migrations.AddConstraint(
            "call",
            models.CheckConstraint(
                condition=Q(tell_at__isnull=True)
                | Q(state="called", climb_at__isnull=True)
                | Q(state="refused"),
                name="call_told_of_while_somebody_is_to_act",
            ),
        ),
        migrations.AddConstraint(
            "call",
            models.CheckConstraint(
                condition=Q(state="refused", decide_by__isnull=False)
                | (~Q(state="refused") & Q(decide_by__isnull=True)),
                name="call_decided_by_when_refused",
            ),
        ),
    ]
