"""The table of Django's database cache, which counts guesses for all web processes.

Unlogged: a count that a crash forgets is no loss, and none waits for the disk.
"""

from django.db import migrations

MAKE = """
CREATE UNLOGGED TABLE cache_entry (
    cache_key varchar(255) PRIMARY KEY,
    value text NOT NULL,
    expires timestamp with time zone NOT NULL
);
CREATE INDEX cache_entry_expires ON cache_entry (expires);
"""


class Migration(migrations.Migration):
    dependencies = [("huying", "0028_questions")]

    operations = [migrations.RunSQL(MAKE, "DROP TABLE cache_entry")]
