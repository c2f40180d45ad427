"""Seals each second factor for its own row alone; begun anew it goes on where it was."""

from typing import Any

from django.db import migrations


def bind(apps: Any, schema_editor: Any) -> None:
    from huying.people.sealed_factors import bind

    bind(apps.get_model("mfa", "Authenticator"), schema_editor.connection.alias)


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("huying", "0070_name_alone"),
        ("mfa", "0003_authenticator_type_uniq"),
    ]

    operations = [migrations.RunPython(bind, migrations.RunPython.noop)]
