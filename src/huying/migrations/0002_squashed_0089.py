"""What a new installation begins with, in the place of 0002 to 0089.

The tables are those of 0089 at once (huying.squashing). An installation that has gone through some
of the replaced ones goes through the rest of them; so they stay, as they are, and nothing here or
in the files of SQL that they share is changed: what comes next is a migration of its own.

Left out is what only changed rows that were there: the words of addresses (0009), names of one
letter (0011), tours seen (0014), the sort of teams (0017), passed deadlines (0026), limits of calls
(0033), confirmed imports (0050), points of visits (0056), marks of answers (0068), second factors
(0071).
"""

import uuid
from pathlib import Path

import django.contrib.postgres.constraints
import django.contrib.postgres.fields
import django.contrib.postgres.fields.ranges
import django.contrib.postgres.indexes
import django.core.validators
import django.db.models.constraints
import django.db.models.deletion
import django.db.models.functions.datetime
import django.db.models.functions.text
from django.conf import settings
from django.db import migrations, models

import huying.audit.identifiers
import huying.care.due
import huying.platforms.models.booking
from huying.squashing import SquashedMigration

SQL = Path(__file__).resolve().parent.parent / "sql"

CACHE = """
CREATE UNLOGGED TABLE cache_entry (
    cache_key varchar(255) PRIMARY KEY,
    value text NOT NULL,
    expires timestamp with time zone NOT NULL
);
CREATE INDEX cache_entry_expires ON cache_entry (expires);
"""

ROOM = (
    # Sums and open cases change in place: room on the page spares their indexes.
    "ALTER TABLE rolled_tally SET (fillfactor = 80);"
    "ALTER TABLE rolled_state SET (fillfactor = 80);"
    "ALTER TABLE counted_case SET (fillfactor = 85);"
    "ALTER TABLE open_case SET (fillfactor = 70)"
)

ANOTHER = (
    "ALTER TABLE handover DROP CONSTRAINT handover_to_another,"
    " ADD CONSTRAINT handover_to_another CHECK (NOT (to_id = written_by_id))"
)


def read(name: str) -> migrations.RunSQL:
    return migrations.RunSQL((SQL / name).read_text(encoding="utf-8"))


class Migration(SquashedMigration):
    replaces = [
        ("huying", "0002_event_log"),
        ("huying", "0003_event_by_actor"),
        ("huying", "0004_export"),
        ("huying", "0005_definer_path"),
        ("huying", "0006_browser"),
        ("huying", "0007_token_replaced_by"),
        ("huying", "0008_account_outside_id"),
        ("huying", "0009_finding"),
        ("huying", "0010_export_query"),
        ("huying", "0011_one_letter_names"),
        ("huying", "0012_document"),
        ("huying", "0013_token_words"),
        ("huying", "0014_account_tour_seen"),
        ("huying", "0015_saved_view"),
        ("huying", "0016_notice"),
        ("huying", "0017_teams"),
        ("huying", "0018_rules"),
        ("huying", "0019_notices_live"),
        ("huying", "0020_levels"),
        ("huying", "0021_parts"),
        ("huying", "0022_outgoing"),
        ("huying", "0023_alarm_of_each_team"),
        ("huying", "0024_outside_and_records"),
        ("huying", "0025_duplicates"),
        ("huying", "0026_supervision"),
        ("huying", "0027_whistles"),
        ("huying", "0028_questions"),
        ("huying", "0029_cache"),
        ("huying", "0030_lapsing"),
        ("huying", "0031_event_moves"),
        ("huying", "0032_handover"),
        ("huying", "0033_whistle_overdue"),
        ("huying", "0034_taken"),
        ("huying", "0035_open311"),
        ("huying", "0036_residents"),
        ("huying", "0037_hotline"),
        ("huying", "0038_published"),
        ("huying", "0039_device_alarms"),
        ("huying", "0040_handover_to_anyone"),
        ("huying", "0041_suggestions"),
        ("huying", "0042_tasks"),
        ("huying", "0043_secrets_in_turn"),
        ("huying", "0044_topics"),
        ("huying", "0045_case_import"),
        ("huying", "0046_has_code"),
        ("huying", "0047_patrol"),
        ("huying", "0048_revealing"),
        ("huying", "0049_registers"),
        ("huying", "0050_import_confirmed_at"),
        ("huying", "0051_questions_asked"),
        ("huying", "0052_patrol_checklists"),
        ("huying", "0053_resealing"),
        ("huying", "0054_clear_exports"),
        ("huying", "0055_finding_buildings"),
        ("huying", "0056_visit_points"),
        ("huying", "0057_members"),
        ("huying", "0058_care"),
        ("huying", "0059_surveys"),
        ("huying", "0060_retention"),
        ("huying", "0061_branches"),
        ("huying", "0062_branches_together"),
        ("huying", "0063_neighbours"),
        ("huying", "0064_requests"),
        ("huying", "0065_frozen_exports"),
        ("huying", "0066_register_tables"),
        ("huying", "0067_asked_everywhere"),
        ("huying", "0068_mark_answers"),
        ("huying", "0069_joint_resources"),
        ("huying", "0070_name_alone"),
        ("huying", "0071_bind_factors"),
        ("huying", "0072_platforms"),
        ("huying", "0073_joint_meetings"),
        ("huying", "0074_joint_projects"),
        ("huying", "0075_activities_and_meals"),
        ("huying", "0076_third_answer"),
        ("huying", "0077_wall_screens"),
        ("huying", "0078_rollups"),
        ("huying", "0079_appeals"),
        ("huying", "0080_made_reports"),
        ("huying", "0081_scores"),
        ("huying", "0082_guards"),
        ("huying", "0083_duty_lists"),
        ("huying", "0084_admission"),
        ("huying", "0085_measures"),
        ("huying", "0086_scores_on_closed_figures"),
        ("huying", "0087_wider_appeals"),
        ("huying", "0088_jobs_in_trouble"),
        ("huying", "0089_swept_early"),
    ]

    dependencies = [
        ("huying", "0001_initial"),
        ("mfa", "0003_authenticator_type_uniq"),
        ("procrastinate", "0041_post_retry_failed_job"),
        ("sessions", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Export",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=huying.audit.identifiers.new_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                (
                    "query",
                    models.TextField(
                        blank=True, help_text="the queue's filters, as in its address"
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("asked", "waiting for somebody to agree"),
                            ("refused", "not agreed to"),
                            ("waiting", "waiting"),
                            ("running", "being written"),
                            ("ready", "ready"),
                            ("failed", "failed"),
                            ("cancelled", "cancelled"),
                        ],
                        default="waiting",
                        max_length=10,
                    ),
                ),
                (
                    "trouble",
                    models.CharField(
                        blank=True,
                        choices=[
                            (
                                "too_many",
                                "These are too many cases for one file; please narrow the list.",
                            ),
                            ("no_post", "The post that asked for it has ended."),
                            ("disk", "The file could not be written: is the disk full?"),
                            (
                                "broken",
                                "Something went wrong; the administrator finds more in the log.",
                            ),
                        ],
                        default="",
                        max_length=10,
                    ),
                ),
                ("total", models.PositiveIntegerField(default=0, help_text="rows to write")),
                ("done", models.PositiveIntegerField(default=0, help_text="rows written")),
                (
                    "size",
                    models.PositiveBigIntegerField(default=0, help_text="of the file, in bytes"),
                ),
                ("asked_at", models.DateTimeField()),
                (
                    "touched_at",
                    models.DateTimeField(help_text="when the worker last told how far it is"),
                ),
                ("ready_at", models.DateTimeField(blank=True, null=True)),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "post",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="huying.post",
                    ),
                ),
                ("decided_at", models.DateTimeField(blank=True, null=True)),
                (
                    "decided_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("purpose", models.CharField(blank=True, db_default="", default="", max_length=20)),
                ("with_contacts", models.BooleanField(db_default=False, default=False)),
                (
                    "frozen",
                    models.JSONField(
                        blank=True,
                        help_text="the ids of the cases that were asked for and agreed to",
                        null=True,
                    ),
                ),
            ],
            options={
                "db_table": "export",
                "indexes": [
                    models.Index(fields=["account", "-asked_at"], name="export_of_account")
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("with_contacts", False),
                            ("state__in", ["asked", "cancelled"]),
                            models.Q(
                                ("decided_by__isnull", False),
                                models.Q(("decided_by", models.F("account")), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="export_of_contacts_takes_two",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Browser",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("session_key", models.CharField(max_length=40, unique=True)),
                ("address", models.GenericIPAddressField(null=True)),
                ("user_agent", models.CharField(blank=True, max_length=300)),
                ("began_at", models.DateTimeField()),
                ("seen_at", models.DateTimeField()),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="browsers",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "db_table": "browser",
            },
        ),
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
            options={
                "db_table": "case_address_words",
            },
        ),
        migrations.CreateModel(
            name="SavedView",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=huying.audit.identifiers.new_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                (
                    "role",
                    models.CharField(
                        choices=[
                            ("grid_worker", "grid worker"),
                            ("grid_head", "grid head"),
                            ("dispatcher", "dispatcher"),
                            ("handler", "handler"),
                            ("checker", "checker"),
                            ("member", "party member or volunteer"),
                            ("community_leader", "community leader"),
                            ("town_leader", "town leader"),
                            ("district_leader", "district leader"),
                            ("administrator", "administrator"),
                            ("security_administrator", "security administrator"),
                            ("auditor", "auditor"),
                        ],
                        max_length=24,
                    ),
                ),
                ("area_code", models.CharField(blank=True, max_length=15)),
                ("name", models.CharField(max_length=20)),
                ("query", models.TextField(help_text="the queue's filters, as in its address")),
                (
                    "position",
                    models.PositiveSmallIntegerField(help_text="its place among the post's views"),
                ),
                ("created_at", models.DateTimeField()),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "db_table": "saved_view",
                "constraints": [
                    models.UniqueConstraint(
                        deferrable=django.db.models.constraints.Deferrable["DEFERRED"],
                        fields=("account", "role", "area_code", "name"),
                        name="saved_view_name_once",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Notice",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=huying.audit.identifiers.new_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("district_code", models.CharField(max_length=6)),
                ("kind", models.CharField(max_length=40)),
                ("key", models.CharField(max_length=120)),
                ("alarm", models.BooleanField()),
                ("case_id", models.UUIDField(null=True)),
                ("case_number", models.CharField(blank=True, max_length=25)),
                (
                    "path",
                    models.CharField(
                        blank=True, help_text="the page of ours it leads to", max_length=200
                    ),
                ),
                (
                    "data",
                    models.JSONField(default=dict, help_text="what fills in the kind's words"),
                ),
                ("created_at", models.DateTimeField()),
                ("read_at", models.DateTimeField(null=True)),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="notices",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "told_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(),
                        help_text="when it came into the inbox, by the database's clock",
                    ),
                ),
            ],
            options={
                "verbose_name": "notice",
                "verbose_name_plural": "notices",
                "db_table": "notice",
                "ordering": ["-id"],
                "indexes": [
                    models.Index(
                        models.F("account"),
                        models.F("id"),
                        condition=models.Q(("read_at__isnull", True)),
                        name="notice_unread",
                    ),
                    models.Index(models.F("account"), models.F("id"), name="notice_of_account"),
                    models.Index(models.F("told_at"), name="notice_by_time"),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("account", "kind", "key"), name="notice_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="Alarm",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=huying.audit.identifiers.new_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("district_code", models.CharField(max_length=6)),
                ("given_at", models.DateTimeField()),
                ("answer_by", models.DateTimeField()),
                ("answered_at", models.DateTimeField(null=True)),
                ("missed_at", models.DateTimeField(null=True)),
                (
                    "ended_at",
                    models.DateTimeField(
                        help_text="when nobody waited for the answer any more", null=True
                    ),
                ),
                (
                    "answered_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="alarms_given",
                        to="huying.case",
                    ),
                ),
                (
                    "team",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="alarms",
                        to="huying.unit",
                    ),
                ),
            ],
            options={
                "db_table": "alarm",
                "ordering": ["given_at", "id"],
                "indexes": [
                    models.Index(
                        models.F("answer_by"),
                        condition=models.Q(
                            ("answered_at", None), ("ended_at", None), ("missed_at", None)
                        ),
                        name="alarm_to_answer",
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("answered_at", None), ("missed_at", None), _connector="OR"
                        ),
                        name="alarm_one_outcome",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(
                            ("answered_at", None), ("ended_at", None), ("missed_at", None)
                        ),
                        fields=("case", "team"),
                        name="alarm_one_open_a_team",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="AlarmLimit",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=huying.audit.identifiers.new_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("district_code", models.CharField(max_length=6, verbose_name="district")),
                (
                    "item_code",
                    models.CharField(
                        blank=True,
                        default="",
                        help_text="Empty: every item.",
                        max_length=4,
                        verbose_name="item",
                    ),
                ),
                ("minutes", models.PositiveSmallIntegerField(verbose_name="minutes")),
            ],
            options={
                "verbose_name": "time to answer an alarm",
                "verbose_name_plural": "times to answer an alarm",
                "db_table": "alarm_limit",
                "ordering": ["district_code", "item_code"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("district_code", "item_code"), name="alarm_limit_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("minutes__gte", 1)), name="alarm_limit_some_time"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Skill",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=huying.audit.identifiers.new_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("district_code", models.CharField(max_length=6, verbose_name="district")),
                ("name", models.CharField(max_length=20, verbose_name="name")),
                (
                    "items",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=4),
                        blank=True,
                        default=list,
                        help_text="Codes of the items that it is needed for, separated by commas.",
                        size=None,
                        verbose_name="items",
                    ),
                ),
            ],
            options={
                "verbose_name": "skill",
                "verbose_name_plural": "skills",
                "db_table": "skill",
                "ordering": ["district_code", "name"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("district_code", "name"), name="skill_name_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Member",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=huying.audit.identifiers.new_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("district_code", models.CharField(max_length=6)),
                ("leads", models.BooleanField(default=False)),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="memberships",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "home",
                    models.ForeignKey(
                        help_text="the department that sends them",
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="huying.unit",
                    ),
                ),
                (
                    "team",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="members",
                        to="huying.unit",
                    ),
                ),
                (
                    "skills",
                    models.ManyToManyField(blank=True, related_name="members", to="huying.skill"),
                ),
            ],
            options={
                "db_table": "team_member",
                "constraints": [
                    models.UniqueConstraint(fields=("team", "account"), name="team_member_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="Shift",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=huying.audit.identifiers.new_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("district_code", models.CharField(max_length=6)),
                ("name", models.CharField(max_length=20)),
                ("begins", models.TimeField()),
                ("ends", models.TimeField(help_text="at or before the beginning: on the next day")),
                (
                    "team",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="shifts",
                        to="huying.unit",
                    ),
                ),
            ],
            options={
                "db_table": "team_shift",
                "ordering": ["begins", "name"],
                "constraints": [
                    models.UniqueConstraint(fields=("team", "name"), name="team_shift_name_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="Turn",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=huying.audit.identifiers.new_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("district_code", models.CharField(max_length=6)),
                ("day", models.DateField()),
                ("begins_at", models.DateTimeField()),
                ("ends_at", models.DateTimeField()),
                ("on_leave", models.BooleanField(default=False)),
                ("came_at", models.DateTimeField(null=True)),
                ("left_at", models.DateTimeField(null=True)),
                ("written_at", models.DateTimeField()),
                (
                    "team",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="turns",
                        to="huying.unit",
                    ),
                ),
                (
                    "written_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "member",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="turns",
                        to="huying.member",
                    ),
                ),
                (
                    "swapped_with",
                    models.ForeignKey(
                        help_text="whose turn it was before",
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="huying.member",
                    ),
                ),
                (
                    "shift",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="turns",
                        to="huying.shift",
                    ),
                ),
            ],
            options={
                "db_table": "team_turn",
                "ordering": ["begins_at", "id"],
                "indexes": [
                    models.Index(
                        models.F("district_code"),
                        models.F("ends_at"),
                        models.F("begins_at"),
                        name="team_turn_now",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("shift", "day", "member"), name="team_turn_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("ends_at__gt", models.F("begins_at"))),
                        name="team_turn_ends_after_it_begins",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("left_at__isnull", True),
                            models.Q(
                                ("came_at__isnull", False), ("left_at__gte", models.F("came_at"))
                            ),
                            _connector="OR",
                        ),
                        name="team_turn_left_after_coming",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="LastPosition",
            fields=[
                (
                    "turn",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="position",
                        serialize=False,
                        to="huying.turn",
                    ),
                ),
                ("district_code", models.CharField(max_length=6)),
                ("lon", models.FloatField()),
                ("lat", models.FloatField()),
                ("at", models.DateTimeField()),
                (
                    "until",
                    models.DateTimeField(
                        db_index=True, help_text="when it must be gone: the turn's end"
                    ),
                ),
            ],
            options={
                "db_table": "last_position",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("until__gt", models.F("at"))),
                        name="last_position_within_the_turn",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Rulebook",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("district_code", models.CharField(max_length=6)),
                ("version", models.PositiveIntegerField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("draft", "draft"),
                            ("checked", "checked"),
                            ("published", "published"),
                        ],
                        default="draft",
                        max_length=10,
                    ),
                ),
                (
                    "rules",
                    models.JSONField(
                        default=list, help_text="as dispatch.rules.as_data writes them"
                    ),
                ),
                ("based_on", models.PositiveIntegerField(null=True)),
                (
                    "editors",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(), default=list, size=None
                    ),
                ),
                ("created_at", models.DateTimeField()),
                ("changed_at", models.DateTimeField()),
                ("checked_by", models.BigIntegerField(null=True)),
                ("checked_at", models.DateTimeField(null=True)),
                ("published_by", models.BigIntegerField(null=True)),
                ("published_at", models.DateTimeField(null=True)),
                ("effective_from", models.DateTimeField(null=True)),
            ],
            options={
                "db_table": "rulebook",
                "ordering": ["district_code", "-version"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("district_code", "version"), name="rulebook_version_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "published"), _negated=True),
                            models.Q(
                                ("effective_from__isnull", False), ("published_at__isnull", False)
                            ),
                            _connector="OR",
                        ),
                        name="rulebook_published_from",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("published_by__isnull", True),
                            ("checked_by__isnull", True),
                            models.Q(("published_by", models.F("checked_by")), _negated=True),
                            _connector="OR",
                        ),
                        name="rulebook_two_people",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Backtest",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=huying.audit.identifiers.new_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("since", models.DateField()),
                ("until", models.DateField(help_text="the last day")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "waiting"),
                            ("running", "running"),
                            ("ready", "ready"),
                            ("failed", "failed"),
                            ("cancelled", "cancelled"),
                        ],
                        default="waiting",
                        max_length=10,
                    ),
                ),
                ("total", models.PositiveIntegerField(default=0)),
                ("done", models.PositiveIntegerField(default=0)),
                ("result", models.JSONField(null=True)),
                ("asked_at", models.DateTimeField()),
                (
                    "touched_at",
                    models.DateTimeField(help_text="when the worker last told how far it is"),
                ),
                ("ready_at", models.DateTimeField(null=True)),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "post",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="huying.post",
                    ),
                ),
                (
                    "book",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="backtests",
                        to="huying.rulebook",
                    ),
                ),
            ],
            options={
                "db_table": "backtest",
                "ordering": ["-asked_at"],
            },
        ),
        migrations.CreateModel(
            name="QuietHours",
            fields=[
                (
                    "account",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="quiet_hours",
                        serialize=False,
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("starts", models.TimeField()),
                ("ends", models.TimeField()),
            ],
            options={
                "db_table": "quiet_hours",
            },
        ),
        migrations.CreateModel(
            name="Subscription",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=huying.audit.identifiers.new_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("name", models.CharField(max_length=60, unique=True, verbose_name="name")),
                ("url", models.URLField(max_length=300, verbose_name="address")),
                (
                    "types",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=40),
                        blank=True,
                        default=list,
                        help_text="None: all.",
                        size=None,
                        verbose_name="types of event",
                    ),
                ),
                ("area_code", models.CharField(max_length=15, verbose_name="area")),
                ("active", models.BooleanField(default=True, verbose_name="active")),
                ("secret_enc", models.BinaryField()),
                ("old_secret_enc", models.BinaryField(null=True)),
                ("old_until", models.DateTimeField(null=True, verbose_name="old secret until")),
                (
                    "told_until",
                    models.DateTimeField(help_text="events up to here have been looked at"),
                ),
                ("created_at", models.DateTimeField(verbose_name="created at")),
            ],
            options={
                "verbose_name": "webhook",
                "verbose_name_plural": "webhooks",
                "db_table": "subscription",
            },
        ),
        migrations.CreateModel(
            name="NoticeTemplate",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("kind", models.CharField(max_length=40, verbose_name="kind of notice")),
                (
                    "channel",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("wecom", "WeCom"),
                            ("sms", "SMS"),
                            ("apprise", "E-mail or another service"),
                        ],
                        default="",
                        max_length=8,
                        verbose_name="outside channel",
                    ),
                ),
                ("text", models.TextField(max_length=500, verbose_name="text")),
            ],
            options={
                "verbose_name": "message template",
                "verbose_name_plural": "message templates",
                "db_table": "notice_template",
                "constraints": [
                    models.UniqueConstraint(fields=("kind", "channel"), name="notice_template_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="NoticeAddress",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=huying.audit.identifiers.new_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                (
                    "channel",
                    models.CharField(
                        choices=[
                            ("wecom", "WeCom"),
                            ("sms", "SMS"),
                            ("apprise", "E-mail or another service"),
                        ],
                        max_length=8,
                    ),
                ),
                ("value_enc", models.BinaryField()),
                ("masked", models.CharField(max_length=40)),
                ("changed_at", models.DateTimeField()),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "db_table": "notice_address",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("account", "channel"), name="notice_address_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="NoticeChoice",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "channel",
                    models.CharField(
                        choices=[
                            ("wecom", "WeCom"),
                            ("sms", "SMS"),
                            ("apprise", "E-mail or another service"),
                        ],
                        max_length=8,
                    ),
                ),
                ("group", models.CharField(max_length=12)),
                ("how", models.CharField(max_length=8)),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "db_table": "notice_choice",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("account", "channel", "group"), name="notice_choice_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Outgoing",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=huying.audit.identifiers.new_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                (
                    "channel",
                    models.CharField(
                        choices=[
                            ("wecom", "WeCom"),
                            ("sms", "SMS"),
                            ("apprise", "E-mail or another service"),
                            ("webhook", "webhook"),
                        ],
                        max_length=8,
                        verbose_name="outside channel",
                    ),
                ),
                (
                    "target",
                    models.CharField(help_text="what fails, and is limited, as one", max_length=48),
                ),
                ("key", models.CharField(max_length=160)),
                ("body", models.JSONField(help_text="the ids of the notices, or the event")),
                ("alarm", models.BooleanField(default=False, verbose_name="alarm")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "waiting"),
                            ("sent", "sent"),
                            ("dead", "failed"),
                            ("dropped", "dropped"),
                            ("needless", "no longer needed"),
                        ],
                        default="waiting",
                        max_length=8,
                        verbose_name="state",
                    ),
                ),
                ("tries", models.PositiveSmallIntegerField(default=0, verbose_name="tries")),
                ("next_at", models.DateTimeField(verbose_name="next try")),
                ("leased_until", models.DateTimeField(null=True)),
                ("trouble", models.CharField(blank=True, max_length=80, verbose_name="trouble")),
                ("reason", models.CharField(blank=True, max_length=200, verbose_name="reason")),
                ("created_at", models.DateTimeField(verbose_name="created at")),
                ("ended_at", models.DateTimeField(null=True, verbose_name="ended at")),
                (
                    "account",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "subscription",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="huying.subscription",
                        verbose_name="webhook",
                    ),
                ),
            ],
            options={
                "verbose_name": "outgoing message",
                "verbose_name_plural": "outgoing messages",
                "db_table": "outgoing",
                "ordering": ["-id"],
                "indexes": [
                    models.Index(
                        models.F("next_at"),
                        condition=models.Q(("state", "waiting")),
                        name="outgoing_waiting",
                    ),
                    models.Index(models.F("target"), models.F("ended_at"), name="outgoing_sent"),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("target", "key"), name="outgoing_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="HandlingRecord",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=huying.audit.identifiers.new_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("district_code", models.CharField(max_length=6)),
                ("seq", models.PositiveIntegerField(help_text="of the event that it came with")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("inspection", "inspection record"),
                            ("correction", "order to correct"),
                            ("seizure", "seizure"),
                        ],
                        max_length=10,
                    ),
                ),
                ("year", models.PositiveSmallIntegerField()),
                ("serial", models.PositiveIntegerField()),
                ("number", models.CharField(max_length=120)),
                ("made_at", models.DateTimeField()),
                (
                    "correct_by",
                    models.DateField(help_text="until when it must be put right", null=True),
                ),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="handling_records",
                        to="huying.case",
                    ),
                ),
                (
                    "corrects",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="corrected_by",
                        to="huying.handlingrecord",
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="huying.unit",
                    ),
                ),
            ],
            options={
                "db_table": "handling_record",
                "ordering": ["seq", "id"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("unit", "year", "serial"), name="handling_record_number_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("correct_by__isnull", True), ("kind", "correction"), _connector="OR"
                        ),
                        name="handling_record_only_an_order_has_a_day",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="OutsideAsk",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=huying.audit.identifiers.new_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("district_code", models.CharField(max_length=6)),
                (
                    "seq",
                    models.PositiveIntegerField(help_text="of the event with the question's words"),
                ),
                ("token_hash", models.BinaryField(max_length=32, unique=True)),
                ("asked_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField()),
                ("show_item", models.BooleanField(default=False)),
                ("show_place", models.BooleanField(default=False)),
                (
                    "photos",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.UUIDField(), default=list, size=None
                    ),
                ),
                ("looked_at", models.DateTimeField(null=True)),
                ("answered_at", models.DateTimeField(null=True)),
                ("answer_seq", models.PositiveIntegerField(null=True)),
                ("revoked_at", models.DateTimeField(null=True)),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="outside_asks",
                        to="huying.case",
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="huying.unit",
                    ),
                ),
            ],
            options={
                "db_table": "outside_ask",
                "ordering": ["asked_at", "id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("expires_at__gt", models.F("asked_at"))),
                        name="outside_ask_expires_later",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("answered_at__isnull", True),
                            ("revoked_at__isnull", True),
                            _connector="OR",
                        ),
                        name="outside_ask_ends_once",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="SeizedGoods",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=huying.audit.identifiers.new_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("district_code", models.CharField(max_length=6)),
                ("line", models.PositiveSmallIntegerField()),
                ("amount", models.DecimalField(decimal_places=3, max_digits=12)),
                (
                    "measure",
                    models.CharField(
                        choices=[
                            ("litre", "litres"),
                            ("kilogram", "kilograms"),
                            ("piece", "pieces"),
                            ("vehicle", "vehicles"),
                            ("box", "boxes"),
                            ("bottle", "bottles"),
                            ("square_metre", "square metres"),
                        ],
                        max_length=12,
                    ),
                ),
                ("words", models.UUIDField(help_text="the row of text that says what it is")),
                (
                    "record",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="goods",
                        to="huying.handlingrecord",
                    ),
                ),
            ],
            options={
                "db_table": "seized_goods",
                "ordering": ["record", "line"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("record", "line"), name="seized_goods_line_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("amount__gt", 0)), name="seized_goods_some"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="DocumentSerial",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("year", models.PositiveSmallIntegerField()),
                ("last", models.PositiveIntegerField()),
                (
                    "unit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="huying.unit",
                    ),
                ),
            ],
            options={
                "db_table": "document_serial",
                "constraints": [
                    models.UniqueConstraint(fields=("unit", "year"), name="document_serial_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="DuplicateLimits",
            fields=[
                (
                    "district_code",
                    models.CharField(
                        max_length=6,
                        primary_key=True,
                        serialize=False,
                        verbose_name="district code",
                    ),
                ),
                (
                    "within_m",
                    models.PositiveSmallIntegerField(
                        default=50, verbose_name="metres apart at most"
                    ),
                ),
                (
                    "within_hours",
                    models.PositiveSmallIntegerField(
                        default=24, verbose_name="hours apart at most"
                    ),
                ),
                (
                    "repeat_days",
                    models.PositiveSmallIntegerField(
                        default=30,
                        verbose_name="days after a close in which a matter counts as coming again",
                    ),
                ),
            ],
            options={
                "verbose_name": "limits for likely duplicates",
                "verbose_name_plural": "limits for likely duplicates",
                "db_table": "duplicate_limits",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("within_m__range", (1, 1000)),
                            ("within_hours__range", (1, 720)),
                            ("repeat_days__range", (1, 366)),
                        ),
                        name="duplicate_limits_sensible",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Instruction",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=huying.audit.identifiers.new_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("district_code", models.CharField(max_length=6)),
                ("given_at", models.DateTimeField()),
                ("due_at", models.DateTimeField(null=True)),
                ("seq", models.PositiveIntegerField()),
                ("answered_at", models.DateTimeField(null=True)),
                ("answer_seq", models.PositiveIntegerField(null=True)),
                (
                    "answered_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="instructions",
                        to="huying.case",
                    ),
                ),
                (
                    "leader",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "overdue_at",
                    models.DateTimeField(
                        help_text="when it was told that due_at passed", null=True
                    ),
                ),
            ],
            options={
                "db_table": "instruction",
                "ordering": ["given_at", "id"],
                "indexes": [
                    models.Index(
                        models.F("due_at"),
                        condition=models.Q(("answered_at__isnull", True)),
                        name="instruction_open",
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("answer_seq__isnull", True), ("answered_at__isnull", True)),
                            models.Q(
                                ("answer_seq__gt", models.F("seq")),
                                ("answered_at__gte", models.F("given_at")),
                            ),
                            _connector="OR",
                        ),
                        name="instruction_answered_by_event",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="LadderSetting",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "district_code",
                    models.CharField(max_length=6, unique=True, verbose_name="district code"),
                ),
                (
                    "remind",
                    models.PositiveSmallIntegerField(
                        default=75, verbose_name="reminder, per cent of the limit"
                    ),
                ),
                (
                    "leader",
                    models.PositiveSmallIntegerField(
                        default=100, verbose_name="leader told, per cent of the limit"
                    ),
                ),
                (
                    "supervise",
                    models.PositiveSmallIntegerField(
                        default=200, verbose_name="formal supervision, per cent of the limit"
                    ),
                ),
                (
                    "reworks",
                    models.PositiveSmallIntegerField(
                        default=2, verbose_name="formal supervision, failed checks"
                    ),
                ),
            ],
            options={
                "verbose_name": "ladder of supervision",
                "verbose_name_plural": "ladders of supervision",
                "db_table": "ladder_setting",
                "ordering": ["district_code"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("leader__gte", 100),
                            ("remind__gte", 1),
                            ("remind__lte", 100),
                            ("reworks__gte", 1),
                            ("supervise__gte", models.F("leader")),
                            ("supervise__lte", 1000),
                        ),
                        name="ladder_in_order",
                        violation_error_message="The reminder stands at 1 to 100 %, the leader at 100 % or later, formal supervision not before the leader and at 1000 % at the latest, and at least one check has failed.",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Meeting",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=huying.audit.identifiers.new_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("district_code", models.CharField(max_length=6)),
                ("held_at", models.DateTimeField()),
                ("due_at", models.DateTimeField()),
                ("seq", models.PositiveIntegerField()),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="meetings",
                        to="huying.case",
                    ),
                ),
                (
                    "lead",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="huying.unit",
                    ),
                ),
                ("members", models.ManyToManyField(related_name="+", to="huying.unit")),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "overdue_at",
                    models.DateTimeField(
                        help_text="when it was told that due_at passed", null=True
                    ),
                ),
            ],
            options={
                "db_table": "meeting",
                "ordering": ["held_at", "id"],
                "indexes": [
                    models.Index(
                        models.F("due_at"),
                        condition=models.Q(("ended_at__isnull", True)),
                        name="meeting_open",
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("due_at__gt", models.F("held_at"))),
                        name="meeting_due_ahead",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Supervision",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=huying.audit.identifiers.new_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("district_code", models.CharField(max_length=6)),
                ("office", models.CharField(max_length=9)),
                ("year", models.PositiveSmallIntegerField()),
                ("serial", models.PositiveIntegerField()),
                (
                    "cause",
                    models.CharField(
                        choices=[
                            ("overtime", "the limit is used up many times over"),
                            ("reworks", "the check failed again"),
                            ("by_hand", "ordered"),
                        ],
                        max_length=8,
                    ),
                ),
                (
                    "step",
                    models.CharField(help_text="the state that the case was in", max_length=10),
                ),
                (
                    "step_due",
                    models.DateTimeField(help_text="the deadline that had passed", null=True),
                ),
                ("reworks", models.PositiveSmallIntegerField()),
                ("opened_at", models.DateTimeField()),
                ("due_at", models.DateTimeField()),
                ("seq", models.PositiveIntegerField(help_text="of the event that set it up")),
                ("lifted_at", models.DateTimeField(null=True)),
                ("lifted_seq", models.PositiveIntegerField(null=True)),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="supervisions",
                        to="huying.case",
                    ),
                ),
                (
                    "leader",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="huying.unit",
                    ),
                ),
                (
                    "overdue_at",
                    models.DateTimeField(
                        help_text="when it was told that due_at passed", null=True
                    ),
                ),
            ],
            options={
                "db_table": "supervision",
                "ordering": ["opened_at", "id"],
                "indexes": [
                    models.Index(
                        models.F("due_at"),
                        condition=models.Q(("lifted_at__isnull", True)),
                        name="supervision_open",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("office", "year", "serial"), name="supervision_number_once"
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("lifted_at__isnull", True)),
                        fields=("case",),
                        name="supervision_one_open",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("due_at__gt", models.F("opened_at"))),
                        name="supervision_due_ahead",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("lifted_at__isnull", True), ("lifted_seq__isnull", True)),
                            models.Q(
                                ("lifted_at__gte", models.F("opened_at")),
                                ("lifted_seq__gt", models.F("seq")),
                            ),
                            _connector="OR",
                        ),
                        name="supervision_lifted_by_event",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Whistle",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=huying.audit.identifiers.new_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("district_code", models.CharField(max_length=6)),
                (
                    "sort",
                    models.CharField(
                        choices=[
                            ("problem", "hard problem"),
                            ("joint", "joint enforcement"),
                            ("emergency", "emergency call"),
                        ],
                        max_length=10,
                    ),
                ),
                ("caller_code", models.CharField(max_length=12)),
                (
                    "title",
                    models.CharField(blank=True, help_text="of a standing problem", max_length=60),
                ),
                ("area_code", models.CharField(max_length=15)),
                ("address", models.CharField(blank=True, max_length=200)),
                ("lon", models.FloatField(null=True)),
                ("lat", models.FloatField(null=True)),
                ("blown_at", models.DateTimeField()),
                ("last_seq", models.PositiveIntegerField(default=0, help_text="of its own log")),
                (
                    "blown_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "case",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="whistles",
                        to="huying.case",
                    ),
                ),
            ],
            options={
                "db_table": "whistle",
                "ordering": ["-blown_at", "-id"],
                "indexes": [
                    models.Index(
                        models.F("caller_code"), models.F("blown_at"), name="whistle_of_desk"
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("case__isnull", False), ("title", "")),
                            models.Q(
                                ("case__isnull", True), models.Q(("title", ""), _negated=True)
                            ),
                            _connector="OR",
                        ),
                        name="whistle_on_a_case_or_a_problem",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("sort__in", ["problem", "joint", "emergency"])),
                        name="whistle_sort_known",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Call",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=huying.audit.identifiers.new_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("district_code", models.CharField(max_length=6)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("called", "to answer"),
                            ("answered", "on the way"),
                            ("present", "on the spot"),
                            ("refused", "refused, to be decided"),
                            ("excused", "excused"),
                            ("released", "released"),
                            ("stood_in", "the level above stood in"),
                        ],
                        default="called",
                        max_length=10,
                    ),
                ),
                ("asked_at", models.DateTimeField()),
                ("answer_by", models.DateTimeField()),
                ("climb_at", models.DateTimeField(null=True)),
                ("level_code", models.CharField(max_length=12)),
                ("climbs", models.PositiveSmallIntegerField(default=0)),
                (
                    "missed_at",
                    models.DateTimeField(
                        help_text="the first limit that passed unanswered", null=True
                    ),
                ),
                ("answered_at", models.DateTimeField(null=True)),
                ("arrived_at", models.DateTimeField(null=True)),
                ("arrived_grid", models.CharField(blank=True, max_length=15)),
                (
                    "arrived_m",
                    models.PositiveIntegerField(help_text="metres from the spot", null=True),
                ),
                ("refused_at", models.DateTimeField(null=True)),
                ("refuse_reason", models.CharField(blank=True, max_length=16)),
                ("arbiter_code", models.CharField(blank=True, max_length=12)),
                (
                    "upheld",
                    models.BooleanField(help_text="whether the refusal was found right", null=True),
                ),
                ("ended_at", models.DateTimeField(null=True)),
                ("rated_at", models.DateTimeField(null=True)),
                ("attendance", models.PositiveSmallIntegerField(null=True)),
                ("cooperation", models.PositiveSmallIntegerField(null=True)),
                ("outcome", models.PositiveSmallIntegerField(null=True)),
                (
                    "answered_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="calls",
                        to="huying.unit",
                    ),
                ),
                (
                    "whistle",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="calls",
                        to="huying.whistle",
                    ),
                ),
                (
                    "decide_by",
                    models.DateTimeField(
                        help_text="on the refusal, while it is undecided", null=True
                    ),
                ),
                ("tell_at", models.DateTimeField(null=True)),
                ("told", models.PositiveSmallIntegerField(default=0)),
            ],
            options={
                "db_table": "whistle_call",
                "ordering": ["asked_at", "id"],
                "indexes": [
                    models.Index(
                        models.F("climb_at"),
                        condition=models.Q(("climb_at__isnull", False)),
                        name="call_to_climb",
                    ),
                    models.Index(
                        models.F("tell_at"),
                        condition=models.Q(("tell_at__isnull", False)),
                        name="call_to_tell_of",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "state__in",
                                [
                                    "called",
                                    "answered",
                                    "present",
                                    "refused",
                                    "excused",
                                    "released",
                                    "stood_in",
                                ],
                            )
                        ),
                        name="call_state_known",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("ended_at__isnull", True)),
                        fields=("whistle", "unit"),
                        name="call_one_open_a_unit",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("ended_at__isnull", True),
                                ("state__in", ["answered", "called", "present", "refused"]),
                            ),
                            models.Q(
                                models.Q(
                                    ("state__in", ["answered", "called", "present", "refused"]),
                                    _negated=True,
                                ),
                                ("ended_at__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="call_ended_when_over",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("attendance__isnull", True),
                                ("cooperation__isnull", True),
                                ("outcome__isnull", True),
                                ("rated_at__isnull", True),
                            ),
                            models.Q(
                                ("attendance__range", (1, 5)),
                                ("cooperation__range", (1, 5)),
                                ("outcome__range", (1, 5)),
                                ("rated_at__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="call_marks_from_1_to_5",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("climb_at__isnull", True), ("state", "called"), _connector="OR"
                        ),
                        name="call_climbs_only_unanswered",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("tell_at__isnull", True),
                            models.Q(("climb_at__isnull", True), ("state", "called")),
                            ("state", "refused"),
                            _connector="OR",
                        ),
                        name="call_told_of_while_somebody_is_to_act",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("decide_by__isnull", False), ("state", "refused")),
                            models.Q(
                                models.Q(("state", "refused"), _negated=True),
                                ("decide_by__isnull", True),
                            ),
                            _connector="OR",
                        ),
                        name="call_decided_by_when_refused",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="WhistleLimit",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=huying.audit.identifiers.new_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                (
                    "district_code",
                    models.CharField(
                        blank=True,
                        default="",
                        help_text="Empty: every district.",
                        max_length=6,
                        verbose_name="district",
                    ),
                ),
                (
                    "sort",
                    models.CharField(
                        choices=[
                            ("problem", "hard problem"),
                            ("joint", "joint enforcement"),
                            ("emergency", "emergency call"),
                        ],
                        max_length=10,
                        verbose_name="sort of whistle",
                    ),
                ),
                ("minutes", models.PositiveIntegerField(verbose_name="minutes")),
                (
                    "working_time",
                    models.BooleanField(default=False, verbose_name="counted in working time only"),
                ),
            ],
            options={
                "verbose_name": "time to answer a whistle",
                "verbose_name_plural": "times to answer a whistle",
                "db_table": "whistle_limit",
                "ordering": ["district_code", "sort"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("district_code", "sort"), name="whistle_limit_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("minutes__gte", 1)), name="whistle_limit_some_time"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="WhistleStep",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=huying.audit.identifiers.new_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("district_code", models.CharField(max_length=6)),
                ("seq", models.PositiveIntegerField()),
                ("verb", models.CharField(max_length=24)),
                ("at", models.DateTimeField()),
                ("actor_kind", models.CharField(max_length=12)),
                ("actor_id", models.BigIntegerField(null=True)),
                ("post_id", models.BigIntegerField(null=True)),
                ("data", models.JSONField(default=dict)),
                (
                    "whistle",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="steps",
                        to="huying.whistle",
                    ),
                ),
            ],
            options={
                "db_table": "whistle_step",
                "ordering": ["seq"],
                "constraints": [
                    models.UniqueConstraint(fields=("whistle", "seq"), name="whistle_step_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="WhistleText",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=huying.audit.identifiers.new_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("district_code", models.CharField(max_length=6)),
                ("kind", models.CharField(max_length=12)),
                ("seq", models.PositiveIntegerField()),
                ("body", models.TextField()),
                (
                    "whistle",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="texts",
                        to="huying.whistle",
                    ),
                ),
            ],
            options={
                "db_table": "whistle_text",
                "ordering": ["seq", "id"],
            },
        ),
        migrations.CreateModel(
            name="Veto",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=huying.audit.identifiers.new_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("district_code", models.CharField(max_length=6)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("proposed", "proposed"),
                            ("rejected", "not approved"),
                            ("confirmed", "in force"),
                            ("appealed", "appealed against"),
                            ("upheld", "in force after appeal"),
                            ("lifted", "lifted on appeal"),
                        ],
                        default="proposed",
                        max_length=10,
                    ),
                ),
                ("proposer_code", models.CharField(max_length=12)),
                (
                    "approver_code",
                    models.CharField(help_text="the desk or leaders that decide", max_length=12),
                ),
                ("proposed_at", models.DateTimeField()),
                (
                    "evidence",
                    models.JSONField(default=list, help_text="numbers and seqs that it refers to"),
                ),
                ("decided_at", models.DateTimeField(null=True)),
                ("appealed_at", models.DateTimeField(null=True)),
                ("settled_at", models.DateTimeField(null=True)),
                (
                    "appealed_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "call",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="veto",
                        to="huying.call",
                    ),
                ),
                (
                    "decided_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "proposed_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "settled_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="vetoes",
                        to="huying.unit",
                    ),
                ),
            ],
            options={
                "db_table": "veto",
                "ordering": ["-proposed_at", "-id"],
                "indexes": [
                    models.Index(models.F("unit"), models.F("decided_at"), name="veto_of_unit")
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("decided_by__isnull", True),
                            models.Q(("decided_by", models.F("proposed_by")), _negated=True),
                            _connector="OR",
                        ),
                        name="veto_approved_by_another",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("settled_by__isnull", True),
                            models.Q(
                                models.Q(("settled_by", models.F("proposed_by")), _negated=True),
                                models.Q(("settled_by", models.F("decided_by")), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="veto_appeal_settled_by_a_third",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="FormVersion",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "owner",
                    models.CharField(
                        help_text="what asks, as its kind and its code: item:0203", max_length=40
                    ),
                ),
                ("version", models.PositiveIntegerField(null=True, verbose_name="version")),
                ("definition", models.JSONField(help_text="as docs/forms.md describes it")),
                ("changed_at", models.DateTimeField()),
                ("changed_by", models.BigIntegerField(help_text="an account's number", null=True)),
                ("published_at", models.DateTimeField(null=True)),
                (
                    "published_by",
                    models.BigIntegerField(help_text="an account's number", null=True),
                ),
            ],
            options={
                "verbose_name": "questions",
                "verbose_name_plural": "questions",
                "db_table": "form_version",
                "ordering": ["owner", "version"],
                "constraints": [
                    models.UniqueConstraint(fields=("owner", "version"), name="form_version_once"),
                    models.UniqueConstraint(
                        condition=models.Q(("version__isnull", True)),
                        fields=("owner",),
                        name="form_one_draft",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("published_at__isnull", True), ("version__isnull", True)),
                            models.Q(("published_at__isnull", False), ("version__isnull", False)),
                            _connector="OR",
                        ),
                        name="form_published_has_number",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="CaseAnswers",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=huying.audit.identifiers.new_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("district_code", models.CharField(max_length=6)),
                ("seq", models.PositiveIntegerField(help_text="of the event it came with")),
                (
                    "body",
                    models.TextField(
                        help_text="answers that tell of no person, as JSON by question"
                    ),
                ),
                (
                    "masked",
                    models.TextField(help_text="the other answers as they may be shown, as JSON"),
                ),
                ("sealed", models.BinaryField(help_text="the other answers, encrypted", null=True)),
                ("salt", models.BinaryField(max_length=16)),
                ("digest", models.BinaryField(max_length=32)),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="answers",
                        to="huying.case",
                    ),
                ),
                (
                    "form",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="huying.formversion",
                    ),
                ),
                (
                    "resealed",
                    models.BinaryField(
                        help_text="the proof that the digest's content was sealed anew and is the same",
                        null=True,
                    ),
                ),
            ],
            options={
                "db_table": "case_answers",
                "ordering": ["case_id", "seq", "id"],
                "constraints": [
                    models.UniqueConstraint(fields=("case", "seq"), name="case_answers_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="Handover",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=huying.audit.identifiers.new_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("district_code", models.CharField(max_length=6)),
                ("area_code", models.CharField(help_text="of the desk", max_length=12)),
                (
                    "serial",
                    models.PositiveIntegerField(help_text="the desk's own count of its notes"),
                ),
                ("written_at", models.DateTimeField()),
                (
                    "next_ends_at",
                    models.DateTimeField(help_text="when the shift that it is for ends"),
                ),
                (
                    "to",
                    models.ForeignKey(
                        help_text="nobody: whoever comes",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "written_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "db_table": "handover",
                "ordering": ["-serial"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("area_code", "serial"), name="handover_serial_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("serial__gte", 1)), name="handover_serial_from_1"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("to", models.F("written_by")), _negated=True),
                        name="handover_to_another",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("next_ends_at__gt", models.F("written_at"))),
                        name="handover_for_what_comes",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="HandoverMatter",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=huying.audit.identifiers.new_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("position", models.PositiveSmallIntegerField()),
                (
                    "sort",
                    models.CharField(
                        choices=[
                            ("emergency", "Open emergencies"),
                            ("overdue", "Overdue"),
                            ("due", "Due within the next shift"),
                            ("whistle", "Whistles unanswered"),
                            ("unsigned", "Not signed for"),
                            ("supervised", "Supervisions running"),
                            ("wakes", "Suspensions that end"),
                            ("watched", "Marked to watch"),
                        ],
                        max_length=10,
                    ),
                ),
                ("number", models.CharField(blank=True, max_length=25)),
                ("item_code", models.CharField(blank=True, max_length=4)),
                ("state", models.CharField(blank=True, max_length=10)),
                ("due_at", models.DateTimeField(null=True)),
                ("ticked", models.BooleanField(help_text="handed over, not left out")),
                (
                    "case",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="huying.case",
                    ),
                ),
                (
                    "handover",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="matters",
                        to="huying.handover",
                    ),
                ),
                (
                    "whistle",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="huying.whistle",
                    ),
                ),
            ],
            options={
                "db_table": "handover_matter",
                "ordering": ["position"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("handover", "position"), name="handover_matter_position_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "sort__in",
                                [
                                    "emergency",
                                    "overdue",
                                    "due",
                                    "whistle",
                                    "unsigned",
                                    "supervised",
                                    "wakes",
                                    "watched",
                                ],
                            )
                        ),
                        name="handover_matter_sort_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("case__isnull", False),
                                ("whistle__isnull", True),
                                models.Q(("number", ""), _negated=True),
                            ),
                            models.Q(
                                ("case__isnull", True), ("number", ""), ("whistle__isnull", False)
                            ),
                            _connector="OR",
                        ),
                        name="handover_matter_of_a_case_or_whistle",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="HandoverText",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=huying.audit.identifiers.new_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("free", "free words"),
                            ("remark", "Remark"),
                            ("watch", "why it is watched"),
                        ],
                        max_length=6,
                    ),
                ),
                ("body", models.TextField()),
                (
                    "handover",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="texts",
                        to="huying.handover",
                    ),
                ),
                (
                    "matter",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="texts",
                        to="huying.handovermatter",
                    ),
                ),
            ],
            options={
                "db_table": "handover_text",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("handover", "kind", "matter"),
                        name="handover_text_once",
                        nulls_distinct=False,
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("kind", "free"), ("matter__isnull", True)),
                            models.Q(("kind__in", ["remark", "watch"]), ("matter__isnull", False)),
                            _connector="OR",
                        ),
                        name="handover_text_free_or_of_a_matter",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Presence",
            fields=[
                (
                    "tab",
                    models.UUIDField(
                        help_text="made up by the page", primary_key=True, serialize=False
                    ),
                ),
                (
                    "doing",
                    models.CharField(
                        blank=True, help_text="the verb whose form is open", max_length=24
                    ),
                ),
                ("opened_at", models.DateTimeField()),
                ("seen_at", models.DateTimeField()),
                (
                    "account",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "case",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        to="huying.case",
                    ),
                ),
            ],
            options={
                "db_table": "presence",
            },
        ),
        migrations.CreateModel(
            name="WatchMark",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=huying.audit.identifiers.new_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("district_code", models.CharField(max_length=6)),
                ("area_code", models.CharField(help_text="of the desk", max_length=12)),
                ("marked_at", models.DateTimeField()),
                ("words", models.CharField(max_length=120)),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="watch_marks",
                        to="huying.case",
                    ),
                ),
                (
                    "marked_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "db_table": "watch_mark",
                "constraints": [
                    models.UniqueConstraint(fields=("area_code", "case"), name="watch_mark_once"),
                    models.CheckConstraint(
                        condition=models.Q(("words", ""), _negated=True), name="watch_mark_says_why"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="HandoverTaking",
            fields=[
                (
                    "handover",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="taking",
                        serialize=False,
                        to="huying.handover",
                    ),
                ),
                ("taken_at", models.DateTimeField()),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "db_table": "handover_taking",
            },
        ),
        migrations.CreateModel(
            name="Open311Key",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("name", models.CharField(max_length=60, unique=True, verbose_name="name")),
                ("digest", models.BinaryField(max_length=32, unique=True)),
                ("hint", models.CharField(max_length=10, verbose_name="begins with")),
                (
                    "per_minute",
                    models.PositiveIntegerField(
                        default=60,
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(6000),
                        ],
                        verbose_name="reports a minute",
                    ),
                ),
                ("created_at", models.DateTimeField(verbose_name="created at")),
                (
                    "revoked_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="revoked at"),
                ),
                ("used_on", models.DateField(blank=True, null=True, verbose_name="last used on")),
            ],
            options={
                "verbose_name": "Open311 key",
                "verbose_name_plural": "Open311 keys",
                "db_table": "open311_key",
            },
        ),
        migrations.CreateModel(
            name="Open311Request",
            fields=[
                (
                    "case",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="open311_request",
                        serialize=False,
                        to="huying.case",
                    ),
                ),
                ("token", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("service_code", models.CharField(max_length=4)),
                ("requested_at", models.DateTimeField()),
                (
                    "key",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="huying.open311key",
                    ),
                ),
            ],
            options={
                "db_table": "open311_request",
                "indexes": [
                    models.Index(
                        models.F("requested_at"), models.F("case"), name="open311_request_by_time"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ResidentLink",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=huying.audit.identifiers.new_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("district_code", models.CharField(max_length=6)),
                ("code_hash", models.BinaryField(max_length=32, unique=True)),
                ("made_at", models.DateTimeField()),
                (
                    "photos",
                    models.JSONField(default=list, help_text="photos that the desk lets them see"),
                ),
                (
                    "case",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="resident_link",
                        to="huying.case",
                    ),
                ),
            ],
            options={
                "db_table": "resident_link",
            },
        ),
        migrations.CreateModel(
            name="CallBack",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=huying.audit.identifiers.new_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("district_code", models.CharField(max_length=6)),
                (
                    "round",
                    models.PositiveSmallIntegerField(
                        help_text="how often the case was reopened by then"
                    ),
                ),
                ("seq", models.PositiveIntegerField()),
                (
                    "way",
                    models.CharField(
                        choices=[("phone", "by phone"), ("link", "by the link")], max_length=5
                    ),
                ),
                (
                    "outcome",
                    models.CharField(
                        choices=[
                            ("reached", "reached, and answered"),
                            ("not_reached", "not reached"),
                            ("refused", "did not want to answer"),
                            ("wrong_number", "wrong number"),
                        ],
                        max_length=12,
                    ),
                ),
                ("responded", models.BooleanField(null=True)),
                ("solved", models.BooleanField(null=True)),
                ("satisfied", models.BooleanField(null=True)),
                ("at", models.DateTimeField()),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="call_backs",
                        to="huying.case",
                    ),
                ),
                (
                    "fairly_satisfied",
                    models.BooleanField(default=False, help_text="the answer between the two"),
                ),
            ],
            options={
                "db_table": "call_back",
                "ordering": ["at"],
                "indexes": [models.Index(models.F("at"), name="call_back_by_time")],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("outcome", "reached")),
                        fields=("case", "round"),
                        name="call_back_valid_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("outcome", "reached"),
                                ("responded__isnull", False),
                                ("satisfied__isnull", False),
                                ("solved__isnull", False),
                            ),
                            models.Q(
                                models.Q(("outcome", "reached"), _negated=True),
                                ("responded__isnull", True),
                                ("satisfied__isnull", True),
                                ("solved__isnull", True),
                            ),
                            _connector="OR",
                        ),
                        name="call_back_valid_has_answers",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("fairly_satisfied", False),
                            models.Q(("outcome", "reached"), ("satisfied", False)),
                            _connector="OR",
                        ),
                        name="call_back_one_degree_of_satisfaction",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ResidentAsk",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=huying.audit.identifiers.new_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("district_code", models.CharField(max_length=6)),
                ("seq", models.PositiveIntegerField(help_text="of the event it came with")),
                ("unit_id", models.BigIntegerField(null=True)),
                ("asked_at", models.DateTimeField()),
                ("answered_at", models.DateTimeField(null=True)),
                ("answer_seq", models.PositiveIntegerField(null=True)),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="resident_asks",
                        to="huying.case",
                    ),
                ),
            ],
            options={
                "db_table": "resident_ask",
                "ordering": ["asked_at"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("answered_at__isnull", True)),
                        fields=("case",),
                        name="resident_ask_one_open",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Source",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=huying.audit.identifiers.new_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("code", models.SlugField(max_length=20, unique=True, verbose_name="code")),
                ("name", models.CharField(max_length=60, unique=True, verbose_name="name")),
                (
                    "kind",
                    models.CharField(
                        choices=[("hotline", "hotline"), ("alarms", "cameras and sensors")],
                        max_length=8,
                        verbose_name="kind",
                    ),
                ),
                ("secret_enc", models.BinaryField()),
                ("active", models.BooleanField(default=True, verbose_name="active")),
                ("created_at", models.DateTimeField(verbose_name="created at")),
                (
                    "subscription",
                    models.OneToOneField(
                        help_text="by which the outbox sends what we tell it",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="huying.subscription",
                    ),
                ),
                (
                    "fold_hours",
                    models.PositiveSmallIntegerField(
                        default=24,
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(720),
                        ],
                        verbose_name="hours within which an alarm is the same again",
                    ),
                ),
                (
                    "fold_metres",
                    models.PositiveSmallIntegerField(
                        default=50,
                        validators=[django.core.validators.MaxValueValidator(5000)],
                        verbose_name="metres within which an alarm is the same again",
                    ),
                ),
                (
                    "grave_kinds",
                    models.CharField(
                        blank=True,
                        db_default="",
                        default="",
                        help_text="Separated by commas; beside those whose words mean danger to life.",
                        max_length=300,
                        verbose_name="kinds of which the desk is told at once",
                    ),
                ),
                ("old_secret_enc", models.BinaryField(null=True)),
                ("old_until", models.DateTimeField(null=True, verbose_name="old secret until")),
            ],
            options={
                "verbose_name": "signed source",
                "verbose_name_plural": "signed sources",
                "db_table": "source",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("kind", "hotline"), _negated=True),
                            ("subscription__isnull", False),
                            _connector="OR",
                        ),
                        name="source_hotline_is_told",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="HotlineOrder",
            fields=[
                (
                    "case",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="hotline_order",
                        serialize=False,
                        to="huying.case",
                    ),
                ),
                ("number", models.CharField(max_length=60, verbose_name="order number")),
                ("body_digest", models.BinaryField(max_length=32)),
                ("taken_at", models.DateTimeField()),
                ("called_back_at", models.DateTimeField(null=True)),
                ("responded", models.BooleanField(null=True)),
                ("resolved", models.BooleanField(null=True)),
                ("satisfied", models.BooleanField(null=True)),
                (
                    "source",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="huying.source",
                    ),
                ),
            ],
            options={
                "verbose_name": "hotline order",
                "verbose_name_plural": "hotline orders",
                "db_table": "hotline_order",
                "constraints": [
                    models.UniqueConstraint(fields=("source", "number"), name="hotline_order_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="UsedNonce",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("nonce", models.CharField(max_length=80)),
                ("used_at", models.DateTimeField(db_index=True)),
                (
                    "source",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="huying.source",
                    ),
                ),
            ],
            options={
                "db_table": "used_nonce",
                "constraints": [
                    models.UniqueConstraint(fields=("source", "nonce"), name="nonce_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="PublishedMonth",
            fields=[
                (
                    "month",
                    models.DateField(help_text="its first day", primary_key=True, serialize=False),
                ),
                ("district_code", models.CharField(max_length=6)),
                ("cells", models.JSONField(help_text="[town or rest, item or rest, closed cases]")),
                ("made_at", models.DateTimeField()),
            ],
            options={
                "db_table": "published_month",
                "ordering": ["-month"],
            },
        ),
        migrations.CreateModel(
            name="DeviceAlarm",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=huying.audit.identifiers.new_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("device", models.CharField(max_length=60)),
                ("kind", models.CharField(max_length=60)),
                ("first_at", models.DateTimeField()),
                ("last_at", models.DateTimeField()),
                ("received_at", models.DateTimeField()),
                ("count", models.PositiveIntegerField(default=1)),
                ("area_code", models.CharField(max_length=15)),
                ("lon", models.FloatField()),
                ("lat", models.FloatField()),
                ("confidence", models.FloatField(null=True)),
                ("has_picture", models.BooleanField(default=False)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "waiting"),
                            ("confirmed", "confirmed"),
                            ("dismissed", "dismissed"),
                        ],
                        default="waiting",
                        max_length=9,
                    ),
                ),
                (
                    "reason",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("false", "false alarm"),
                            ("known", "already reported"),
                            ("gone", "over by itself"),
                            ("not_ours", "not for us"),
                            ("unclear", "cannot be made out"),
                        ],
                        default="",
                        max_length=8,
                    ),
                ),
                ("decided_at", models.DateTimeField(null=True)),
                (
                    "case",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="huying.case",
                    ),
                ),
                (
                    "decided_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "source",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="huying.source",
                    ),
                ),
            ],
            options={
                "verbose_name": "alarm of a device",
                "verbose_name_plural": "alarms of devices",
                "db_table": "device_alarm",
                "indexes": [
                    models.Index(
                        models.F("source"),
                        models.F("device"),
                        models.F("kind"),
                        models.F("first_at"),
                        name="device_alarm_same",
                    ),
                    models.Index(
                        models.F("last_at"),
                        condition=models.Q(("state", "waiting")),
                        name="device_alarm_waiting",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("case__isnull", True),
                                ("decided_by__isnull", True),
                                ("state", "waiting"),
                            ),
                            models.Q(("decided_by__isnull", False), ("state", "confirmed")),
                            models.Q(
                                ("case__isnull", True),
                                ("decided_by__isnull", False),
                                ("state", "dismissed"),
                                models.Q(("reason", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="device_alarm_decided_by_a_person",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="SuggestionModel",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=huying.audit.identifiers.new_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("made_at", models.DateTimeField()),
                (
                    "outcome",
                    models.CharField(
                        choices=[
                            ("better", "better: it suggests from then on"),
                            ("no_better", "not better: nothing changed"),
                            ("too_few", "too few decisions: nothing changed"),
                            ("put_back", "put back by hand"),
                        ],
                        max_length=9,
                    ),
                ),
                ("in_charge", models.BooleanField(default=False)),
                ("learnt_until", models.DateTimeField()),
                ("month_days", models.PositiveSmallIntegerField(default=30)),
                ("learnt_from", models.PositiveIntegerField(default=0)),
                ("measured_on", models.PositiveIntegerField(default=0)),
                ("features", models.PositiveIntegerField(default=0)),
                ("figures", models.JSONField(default=dict)),
                ("figures_before", models.JSONField(default=dict)),
                ("data", models.BinaryField(null=True)),
                ("digest", models.BinaryField(max_length=32, null=True)),
                (
                    "against",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="huying.suggestionmodel",
                    ),
                ),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "db_table": "suggestion_model",
                "ordering": ["-made_at"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("in_charge", True)),
                        fields=("in_charge",),
                        name="suggestion_model_one_in_charge",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("in_charge", False),
                            models.Q(("data__isnull", False), ("digest__isnull", False)),
                            _connector="OR",
                        ),
                        name="suggestion_model_in_charge_is_kept",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Task",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=huying.audit.identifiers.new_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("district_code", models.CharField(max_length=6)),
                ("issuer_code", models.CharField(max_length=9)),
                ("item_code", models.CharField(max_length=4)),
                ("title", models.CharField(max_length=60)),
                ("words", models.TextField()),
                ("photos_least", models.PositiveSmallIntegerField(default=1)),
                ("issued_at", models.DateTimeField()),
                ("due_at", models.DateTimeField()),
                ("urged_at", models.DateTimeField(null=True)),
                ("cancelled_at", models.DateTimeField(null=True)),
                (
                    "form",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="huying.formversion",
                    ),
                ),
                (
                    "issued_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "item_version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="huying.itemversion",
                    ),
                ),
            ],
            options={
                "verbose_name": "task from above",
                "verbose_name_plural": "tasks from above",
                "db_table": "task",
                "ordering": ["-issued_at", "-id"],
                "indexes": [
                    models.Index(
                        models.F("issuer_code"), models.F("issued_at"), name="task_of_office"
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("item_code__regex", "^0[34]\\d\\d$")),
                        name="task_of_publicity_or_special_work",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("issuer_code__regex", "^(\\d{6}|\\d{9})$"),
                            (
                                "district_code",
                                django.db.models.functions.text.Left("issuer_code", 6),
                            ),
                        ),
                        name="task_issued_by_town_or_district",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("due_at__gt", models.F("issued_at"))),
                        name="task_due_ahead",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("title", ""), _negated=True),
                            models.Q(("words", ""), _negated=True),
                        ),
                        name="task_says_what",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("photos_least__lte", 9)), name="task_nine_photos"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="GridTask",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=huying.audit.identifiers.new_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("district_code", models.CharField(max_length=6)),
                ("issuer_code", models.CharField(max_length=9)),
                ("grid_code", models.CharField(max_length=15)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("open", "to do"),
                            ("done", "done, to be looked at"),
                            ("passed", "looked at and good"),
                            ("given_back", "given back"),
                            ("cancelled", "recalled"),
                        ],
                        default="open",
                        max_length=10,
                    ),
                ),
                ("round", models.PositiveSmallIntegerField(default=0)),
                ("issued_at", models.DateTimeField(help_text="of this round")),
                ("due_at", models.DateTimeField()),
                ("rung", models.PositiveSmallIntegerField(default=0)),
                ("climb_at", models.DateTimeField(null=True)),
                ("done_at", models.DateTimeField(null=True)),
                ("words", models.TextField(blank=True, default="")),
                ("answers", models.JSONField(default=dict)),
                ("lon", models.FloatField(null=True)),
                ("lat", models.FloatField(null=True)),
                ("accuracy_m", models.FloatField(null=True)),
                ("sampled", models.BooleanField(default=False)),
                ("checked_at", models.DateTimeField(null=True)),
                ("last_seq", models.PositiveIntegerField(default=0)),
                (
                    "checked_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "done_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "task",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="parts",
                        to="huying.task",
                    ),
                ),
            ],
            options={
                "verbose_name": "part of a task",
                "verbose_name_plural": "parts of tasks",
                "db_table": "grid_task",
                "ordering": ["grid_code"],
                "indexes": [
                    models.Index(
                        models.F("climb_at"),
                        condition=models.Q(("climb_at__isnull", False)),
                        name="grid_task_to_climb",
                    ),
                    models.Index(
                        models.F("grid_code"), models.F("due_at"), name="grid_task_of_grid"
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("task", "grid_code"), name="grid_task_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("grid_code__regex", "^\\d{15}$"),
                            (
                                "issuer_code",
                                django.db.models.functions.text.Left(
                                    "grid_code",
                                    django.db.models.functions.text.Length("issuer_code"),
                                ),
                            ),
                        ),
                        name="grid_task_within_the_office",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("state__in", ["open", "done", "passed", "given_back", "cancelled"])
                        ),
                        name="grid_task_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("due_at__gt", models.F("issued_at"))),
                        name="grid_task_due_ahead",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state__in", ["done", "passed"]), _negated=True),
                            models.Q(
                                ("done_at__isnull", False),
                                ("done_by__isnull", False),
                                models.Q(("words", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="grid_task_done_by_somebody",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "passed"), _negated=True),
                            models.Q(
                                ("checked_at__isnull", False),
                                ("checked_by__isnull", False),
                                models.Q(("checked_by", models.F("done_by")), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="grid_task_looked_at_by_another",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("climb_at__isnull", True), ("state", "open"), _connector="OR"
                        ),
                        name="grid_task_climbs_while_open",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="TaskCase",
            fields=[
                (
                    "case",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="found_by_task",
                        serialize=False,
                        to="huying.case",
                    ),
                ),
                (
                    "part",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="found",
                        to="huying.gridtask",
                    ),
                ),
            ],
            options={
                "db_table": "task_case",
            },
        ),
        migrations.CreateModel(
            name="TaskFile",
            fields=[
                (
                    "attachment",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="task_file",
                        serialize=False,
                        to="huying.attachment",
                    ),
                ),
                ("round", models.PositiveSmallIntegerField(default=0)),
                (
                    "part",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="files",
                        to="huying.gridtask",
                    ),
                ),
                (
                    "task",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="files",
                        to="huying.task",
                    ),
                ),
            ],
            options={
                "db_table": "task_file",
                "ordering": ["attachment_id"],
            },
        ),
        migrations.CreateModel(
            name="TaskStep",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=huying.audit.identifiers.new_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("seq", models.PositiveIntegerField()),
                ("verb", models.CharField(max_length=12)),
                ("at", models.DateTimeField()),
                ("actor_kind", models.CharField(max_length=12)),
                ("actor_id", models.BigIntegerField(null=True)),
                ("post_id", models.BigIntegerField(null=True)),
                ("data", models.JSONField(default=dict)),
                (
                    "part",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="steps",
                        to="huying.gridtask",
                    ),
                ),
            ],
            options={
                "db_table": "task_step",
                "ordering": ["part_id", "seq"],
                "constraints": [
                    models.UniqueConstraint(fields=("part", "seq"), name="task_step_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="TaskText",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=huying.audit.identifiers.new_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("seq", models.PositiveIntegerField(help_text="of the step it came with")),
                ("body", models.TextField()),
                (
                    "part",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="texts",
                        to="huying.gridtask",
                    ),
                ),
            ],
            options={
                "db_table": "task_text",
                "constraints": [
                    models.UniqueConstraint(fields=("part", "seq"), name="task_text_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="TopicBuilt",
            fields=[
                ("area_code", models.CharField(max_length=9, primary_key=True, serialize=False)),
                ("seen_until", models.DateTimeField()),
            ],
            options={
                "db_table": "topic_built",
            },
        ),
        migrations.CreateModel(
            name="Topic",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=huying.audit.identifiers.new_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("district_code", models.CharField(max_length=6)),
                ("area_code", models.CharField(max_length=12)),
                ("title", models.CharField(max_length=120)),
                ("names", models.JSONField(default=list)),
                ("words", models.JSONField(default=list)),
                ("likeness", models.FloatField(default=0)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("open", "open"),
                            ("dismissed", "dismissed"),
                            ("joined", "joined to another"),
                        ],
                        default="open",
                        max_length=9,
                    ),
                ),
                ("made_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "reason",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("theme", "one kind of matter, but not one problem"),
                            ("settled", "settled and answered"),
                            ("other", "another reason"),
                        ],
                        default="",
                        max_length=7,
                    ),
                ),
                ("heat", models.FloatField(default=0)),
                ("reports", models.PositiveIntegerField(default=0)),
                ("people", models.PositiveIntegerField(default=0)),
                ("week", models.PositiveIntegerField(default=0)),
                ("week_before", models.PositiveIntegerField(default=0)),
                ("days", models.PositiveIntegerField(default=0)),
                ("first_at", models.DateTimeField(null=True)),
                ("last_at", models.DateTimeField(null=True)),
                (
                    "case",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="huying.case",
                    ),
                ),
                (
                    "ended_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "joined_into",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="huying.topic",
                    ),
                ),
            ],
            options={
                "verbose_name": "topic",
                "verbose_name_plural": "topics",
                "db_table": "topic",
                "ordering": ["-heat"],
                "indexes": [
                    models.Index(fields=["district_code", "state", "-heat"], name="topic_hottest")
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "dismissed"), _negated=True),
                            models.Q(
                                models.Q(("reason", ""), _negated=True), ("ended_at__isnull", False)
                            ),
                            _connector="OR",
                        ),
                        name="topic_dismissed_with_a_reason",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("joined_into", models.F("id")), _negated=True),
                        name="topic_not_joined_to_itself",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="TopicAnswer",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=huying.audit.identifiers.new_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("text", models.TextField()),
                ("at", models.DateTimeField()),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "topic",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="answers",
                        to="huying.topic",
                    ),
                ),
            ],
            options={
                "db_table": "topic_answer",
                "ordering": ["-at"],
            },
        ),
        migrations.CreateModel(
            name="TopicMember",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=huying.audit.identifiers.new_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("added_at", models.DateTimeField()),
                ("removed_at", models.DateTimeField(null=True)),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="huying.case",
                    ),
                ),
                (
                    "removed_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "topic",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="members",
                        to="huying.topic",
                    ),
                ),
            ],
            options={
                "db_table": "topic_member",
                "constraints": [
                    models.UniqueConstraint(fields=("topic", "case"), name="topic_member_once"),
                    models.UniqueConstraint(
                        condition=models.Q(("removed_at__isnull", True)),
                        fields=("case",),
                        name="topic_member_of_one_topic",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="TopicTold",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=huying.audit.identifiers.new_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                (
                    "way",
                    models.CharField(
                        choices=[
                            ("link", "on the page they follow the report by"),
                            ("phone", "by phone"),
                            ("inbox", "in the inbox"),
                        ],
                        max_length=5,
                    ),
                ),
                (
                    "told_at",
                    models.DateTimeField(help_text="empty until they were called", null=True),
                ),
                (
                    "answer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="told",
                        to="huying.topicanswer",
                    ),
                ),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="huying.case",
                    ),
                ),
                (
                    "told_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "db_table": "topic_told",
                "constraints": [
                    models.UniqueConstraint(fields=("answer", "case"), name="topic_told_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("way", "phone"), ("told_at__isnull", False), _connector="OR"
                        ),
                        name="topic_told_at_once_but_by_phone",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="CaseImport",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=huying.audit.identifiers.new_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("name", models.CharField(max_length=120, verbose_name="file")),
                ("size", models.PositiveIntegerField(help_text="of the file, in bytes")),
                ("digest", models.BinaryField(help_text="SM3 of the file", max_length=32)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("uploaded", "waits to be checked"),
                            ("checking", "being checked"),
                            ("checked", "to be confirmed"),
                            ("confirmed", "waits to be imported"),
                            ("running", "being imported"),
                            ("done", "imported"),
                            ("failed", "failed"),
                            ("cancelled", "cancelled"),
                        ],
                        default="uploaded",
                        max_length=10,
                    ),
                ),
                (
                    "trouble",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("empty", "There is nothing in the file."),
                            ("not_table", "This is no table. Please send an .xlsx or a .csv file."),
                            (
                                "old",
                                "This is an old .xls file; please save it as .xlsx in Excel or WPS.",
                            ),
                            ("password", "The file has a password; please save it without one."),
                            (
                                "macros",
                                "The file holds macros; please save it as .xlsx without them.",
                            ),
                            (
                                "broken_file",
                                "The file is damaged; please save it again and send that.",
                            ),
                            (
                                "bomb",
                                "The file is much too large once unpacked; please send the table alone.",
                            ),
                            ("too_big", "The file is larger than 30 MB; please divide it."),
                            (
                                "too_many",
                                "There are more than 50,000 rows; please divide the table.",
                            ),
                            (
                                "headings",
                                "No headings were found: the columns must be called as in the template.",
                            ),
                            ("no_rows", "There is no row below the headings."),
                            (
                                "gone",
                                "The file was kept for a day and is gone; please send it again.",
                            ),
                            (
                                "changed",
                                "Rows that were right are so no more, as the catalogue or the grids have changed.",
                            ),
                            ("no_post", "The post that sent it has ended."),
                            (
                                "too_slow",
                                "The database was too slow to take all rows at once; nothing came in. Try later.",
                            ),
                            ("disk", "The file could not be kept: is the disk full?"),
                            (
                                "broken",
                                "Something went wrong; the administrator finds more in the log.",
                            ),
                        ],
                        default="",
                        max_length=12,
                    ),
                ),
                ("rows", models.PositiveIntegerField(default=0)),
                (
                    "bad",
                    models.PositiveIntegerField(default=0, help_text="rows with something wrong"),
                ),
                (
                    "likely",
                    models.PositiveIntegerField(
                        default=0,
                        help_text="good rows that may be doubles; of a register's, that contradict it",
                    ),
                ),
                (
                    "suggested",
                    models.PositiveIntegerField(
                        default=0, help_text="good rows whose item is proposed"
                    ),
                ),
                (
                    "made",
                    models.PositiveIntegerField(
                        default=0,
                        help_text="cases that it became; of a register, rows that did something",
                    ),
                ),
                ("done", models.PositiveIntegerField(default=0)),
                ("only_good", models.BooleanField(default=False)),
                ("without_likely", models.BooleanField(default=False)),
                (
                    "alarms",
                    models.BooleanField(
                        default=True, help_text="whether its cases remind and climb"
                    ),
                ),
                ("sent_at", models.DateTimeField()),
                (
                    "touched_at",
                    models.DateTimeField(help_text="when the worker last told how far it is"),
                ),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "account",
                    models.ForeignKey(
                        help_text="nobody: the command line",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "post",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="huying.post",
                    ),
                ),
                (
                    "confirmed_at",
                    models.DateTimeField(
                        help_text="before it the table is checked, from it on it is taken in",
                        null=True,
                    ),
                ),
                (
                    "into",
                    models.CharField(
                        choices=[
                            ("cases", "cases"),
                            ("people", "dwellings and people"),
                            ("units", "units"),
                            ("facilities", "facilities"),
                            ("addresses", "standard addresses"),
                        ],
                        default="cases",
                        max_length=10,
                    ),
                ),
                (
                    "overrule",
                    models.BooleanField(
                        default=False,
                        help_text="of a register's: the table is right where the register says else",
                    ),
                ),
                (
                    "undone_at",
                    models.DateTimeField(help_text="of a register's: taken back again", null=True),
                ),
            ],
            options={
                "verbose_name": "import of a table",
                "verbose_name_plural": "imports of tables",
                "db_table": "case_import",
                "indexes": [
                    models.Index(fields=["account", "-sent_at"], name="case_import_of_account"),
                    models.Index(fields=["digest"], name="case_import_digest"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("made", 0), ("state", "done"), _connector="OR"),
                        name="case_import_made_when_done",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "failed"), _negated=True),
                            models.Q(("trouble", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="case_import_says_why",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("confirmed_at__isnull", True),
                                ("state__in", ["uploaded", "checking", "checked"]),
                            ),
                            models.Q(
                                ("confirmed_at__isnull", False),
                                ("state__in", ["confirmed", "running", "done"]),
                            ),
                            ("state__in", ["failed", "cancelled"]),
                            _connector="OR",
                        ),
                        name="case_import_confirmed_before_taken_in",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ImportedCase",
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
                ("row", models.PositiveIntegerField()),
                (
                    "file",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="cases",
                        to="huying.caseimport",
                    ),
                ),
            ],
            options={
                "db_table": "imported_case",
                "constraints": [
                    models.UniqueConstraint(fields=("file", "row"), name="imported_row_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="DutySpan",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=huying.audit.identifiers.new_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("district_code", models.CharField(max_length=6)),
                (
                    "area_code",
                    models.CharField(help_text="of the post they acted on", max_length=15),
                ),
                ("began_at", models.DateTimeField()),
                ("ends_by", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="duty_spans",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "time on duty",
                "verbose_name_plural": "times on duty",
                "db_table": "duty_span",
                "ordering": ["-began_at"],
                "indexes": [
                    models.Index(
                        models.F("account"), models.F("began_at"), name="duty_span_of_account"
                    ),
                    models.Index(
                        models.F("area_code"), models.F("began_at"), name="duty_span_of_area"
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("ended_at__isnull", True)),
                        fields=("account",),
                        name="duty_span_one_open",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("ends_by__gt", models.F("began_at")),
                            models.Q(
                                ("ended_at__isnull", True),
                                models.Q(
                                    ("ended_at__gte", models.F("began_at")),
                                    ("ended_at__lte", models.F("ends_by")),
                                ),
                                _connector="OR",
                            ),
                        ),
                        name="duty_span_ends_after_start",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PatrolPlan",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=huying.audit.identifiers.new_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("district_code", models.CharField(max_length=6)),
                ("area_code", models.CharField(max_length=12)),
                ("item_code", models.CharField(max_length=4)),
                ("title", models.CharField(max_length=60)),
                (
                    "rhythm",
                    models.CharField(
                        choices=[
                            ("day", "every day"),
                            ("workday", "every working day"),
                            ("week", "times a week"),
                            ("month", "times a month"),
                        ],
                        max_length=8,
                    ),
                ),
                ("times", models.PositiveSmallIntegerField(default=1)),
                ("starts_on", models.DateField()),
                ("ends_on", models.DateField(null=True)),
                ("made_at", models.DateTimeField()),
                ("stopped_at", models.DateTimeField(null=True)),
                (
                    "made_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "form",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="huying.formversion",
                    ),
                ),
            ],
            options={
                "verbose_name": "patrol plan",
                "verbose_name_plural": "patrol plans",
                "db_table": "patrol_plan",
                "ordering": ["area_code", "title", "id"],
                "indexes": [models.Index(models.F("area_code"), name="patrol_plan_of_area")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("area_code__regex", "^(\\d{9}|\\d{12})$"),
                            ("district_code", django.db.models.functions.text.Left("area_code", 6)),
                        ),
                        name="patrol_plan_of_town_or_community",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("title", ""), _negated=True), name="patrol_plan_named"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("rhythm__in", ["day", "workday", "week", "month"])),
                        name="patrol_plan_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("times__range", (1, 7)),
                            models.Q(
                                ("rhythm__in", ["week", "month"]), ("times", 1), _connector="OR"
                            ),
                        ),
                        name="patrol_plan_some_times",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("ends_on__isnull", True),
                            ("ends_on__gte", models.F("starts_on")),
                            _connector="OR",
                        ),
                        name="patrol_plan_ends_after_start",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PatrolPlace",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=huying.audit.identifiers.new_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("district_code", models.CharField(max_length=6)),
                ("grid_code", models.CharField(max_length=15)),
                ("name", models.CharField(max_length=60)),
                ("lon", models.FloatField()),
                ("lat", models.FloatField()),
                ("radius_m", models.PositiveSmallIntegerField(default=50)),
                ("code", models.CharField(max_length=8, unique=True)),
                ("item_codes", models.JSONField(default=list)),
                ("points", models.JSONField(default=list)),
                ("made_at", models.DateTimeField()),
                ("removed_at", models.DateTimeField(null=True)),
                (
                    "plan",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="places",
                        to="huying.patrolplan",
                    ),
                ),
            ],
            options={
                "verbose_name": "place to patrol",
                "verbose_name_plural": "places to patrol",
                "db_table": "patrol_place",
                "ordering": ["grid_code", "name", "id"],
                "indexes": [models.Index(models.F("grid_code"), name="patrol_place_of_grid")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("grid_code__regex", "^\\d{15}$"),
                            ("district_code", django.db.models.functions.text.Left("grid_code", 6)),
                        ),
                        name="patrol_place_in_a_grid",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("name", ""), _negated=True), name="patrol_place_named"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("radius_m__range", (10, 500))),
                        name="patrol_place_radius",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("lon__range", (-180, 180)), ("lat__range", (-90, 90))),
                        name="patrol_place_on_earth",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("removed_at__isnull", True)),
                        fields=("plan", "grid_code", "name"),
                        name="patrol_place_once",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PatrolVisit",
            fields=[
                ("id", models.UUIDField(editable=False, primary_key=True, serialize=False)),
                ("grid_code", models.CharField(max_length=15)),
                ("at", models.DateTimeField()),
                ("day", models.DateField()),
                ("received_at", models.DateTimeField()),
                ("by_code", models.BooleanField(default=False)),
                ("lon", models.FloatField(null=True)),
                ("lat", models.FloatField(null=True)),
                ("accuracy_m", models.FloatField(null=True)),
                ("distance_m", models.FloatField(null=True)),
                ("answers", models.JSONField(default=list)),
                ("words", models.TextField(blank=True, default="")),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "place",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="visits",
                        to="huying.patrolplace",
                    ),
                ),
                (
                    "form",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="huying.formversion",
                    ),
                ),
                ("said", models.JSONField(default=dict)),
                ("points", models.JSONField(default=list)),
            ],
            options={
                "verbose_name": "patrol visit",
                "verbose_name_plural": "patrol visits",
                "db_table": "patrol_visit",
                "ordering": ["-at", "-id"],
                "indexes": [
                    models.Index(
                        models.F("grid_code"), models.F("day"), name="patrol_visit_of_grid"
                    ),
                    models.Index(
                        models.F("account"), models.F("day"), name="patrol_visit_of_account"
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("by_code", True), ("distance_m__isnull", False), _connector="OR"
                        ),
                        name="patrol_visit_shown",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("at__lte", models.F("received_at"))),
                        name="patrol_visit_not_ahead",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PatrolCase",
            fields=[
                (
                    "case",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="found_on_patrol",
                        serialize=False,
                        to="huying.case",
                    ),
                ),
                (
                    "place",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="found",
                        to="huying.patrolplace",
                    ),
                ),
                (
                    "visit",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="found",
                        to="huying.patrolvisit",
                    ),
                ),
            ],
            options={
                "db_table": "patrol_case",
            },
        ),
        migrations.CreateModel(
            name="TrackPoint",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "account_id",
                        "at",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("account_id", models.BigIntegerField()),
                ("at", models.DateTimeField()),
                ("lon", models.FloatField()),
                ("lat", models.FloatField()),
                ("accuracy_m", models.FloatField(null=True)),
                (
                    "span",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="points",
                        to="huying.dutyspan",
                    ),
                ),
            ],
            options={
                "db_table": "track_point",
                "indexes": [
                    django.contrib.postgres.indexes.BrinIndex(
                        models.F("at"), name="track_point_by_age"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="AccessWords",
            fields=[
                (
                    "entry",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="purpose_words",
                        serialize=False,
                        to="huying.accesslog",
                    ),
                ),
                ("words_enc", models.BinaryField()),
            ],
            options={
                "db_table": "access_words",
            },
        ),
        migrations.CreateModel(
            name="DerivedGrids",
            fields=[
                (
                    "district_code",
                    models.CharField(max_length=6, primary_key=True, serialize=False),
                ),
                ("version", models.BigIntegerField()),
            ],
            options={
                "db_table": "register_derived",
            },
        ),
        migrations.CreateModel(
            name="RegisterChange",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=huying.audit.identifiers.new_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                (
                    "register",
                    models.CharField(
                        choices=[
                            ("address", "addresses"),
                            ("dwelling", "dwellings"),
                            ("household", "households"),
                            ("person", "people"),
                            ("enterprise", "units"),
                            ("facility", "facilities"),
                        ],
                        max_length=12,
                    ),
                ),
                ("record_id", models.UUIDField()),
                ("district_code", models.CharField(max_length=6)),
                ("at", models.DateTimeField(verbose_name="at")),
                ("by_account", models.BigIntegerField(blank=True, null=True, verbose_name="by")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("made", "entered"),
                            ("changed", "changed"),
                            ("checked", "found as it is"),
                            ("ended", "ended"),
                            ("merged", "merged"),
                            ("erased", "erased"),
                        ],
                        max_length=8,
                        verbose_name="kind",
                    ),
                ),
                (
                    "field",
                    models.CharField(blank=True, default="", max_length=20, verbose_name="field"),
                ),
                ("old", models.CharField(blank=True, default="", max_length=300)),
                ("new", models.CharField(blank=True, default="", max_length=300)),
            ],
            options={
                "verbose_name": "change in a register",
                "verbose_name_plural": "changes in registers",
                "db_table": "register_change",
                "ordering": ["-at", "-id"],
                "indexes": [
                    models.Index(
                        models.F("register"),
                        models.F("record_id"),
                        models.F("at"),
                        name="register_change_of",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Address",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=huying.audit.identifiers.new_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("district_code", models.CharField(max_length=6)),
                ("area_code", models.CharField(max_length=15, verbose_name="grid")),
                ("valid_from", models.DateField(verbose_name="valid from")),
                (
                    "valid_until",
                    models.DateField(blank=True, null=True, verbose_name="valid until"),
                ),
                (
                    "source",
                    models.CharField(
                        choices=[
                            ("visit", "collected on a visit"),
                            ("desk", "entered at a desk"),
                            ("told", "told by the person"),
                            ("import", "taken in from a table"),
                            ("department", "from a department"),
                        ],
                        max_length=12,
                        verbose_name="source",
                    ),
                ),
                ("made_at", models.DateTimeField(verbose_name="entered at")),
                (
                    "made_by",
                    models.BigIntegerField(blank=True, null=True, verbose_name="entered by"),
                ),
                (
                    "checked_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="checked at"),
                ),
                (
                    "checked_by",
                    models.BigIntegerField(blank=True, null=True, verbose_name="checked by"),
                ),
                ("version", models.PositiveIntegerField(default=1)),
                ("community_code", models.CharField(max_length=12, verbose_name="community")),
                (
                    "level",
                    models.PositiveSmallIntegerField(
                        choices=[
                            (4, "street or lane"),
                            (5, "door plate"),
                            (6, "building"),
                            (7, "staircase"),
                            (8, "floor"),
                            (9, "room"),
                        ],
                        verbose_name="level",
                    ),
                ),
                ("name", models.CharField(max_length=40, verbose_name="name")),
                ("full_name", models.CharField(max_length=200, verbose_name="address")),
                ("words", models.CharField(max_length=600)),
                (
                    "building_code",
                    models.CharField(
                        blank=True,
                        max_length=30,
                        null=True,
                        unique=True,
                        verbose_name="building code",
                    ),
                ),
                ("lon", models.FloatField(blank=True, null=True, verbose_name="longitude")),
                ("lat", models.FloatField(blank=True, null=True, verbose_name="latitude")),
                (
                    "building",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="parts",
                        to="huying.address",
                    ),
                ),
                (
                    "merged_into",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="merged",
                        to="huying.address",
                    ),
                ),
                (
                    "parent",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="children",
                        to="huying.address",
                    ),
                ),
            ],
            options={
                "verbose_name": "address",
                "verbose_name_plural": "addresses",
                "db_table": "register_address",
                "ordering": ["community_code", "level", "full_name"],
                "indexes": [
                    models.Index(
                        django.contrib.postgres.indexes.OpClass(
                            models.F("area_code"), name="varchar_pattern_ops"
                        ),
                        name="register_address_of_area",
                    ),
                    models.Index(
                        models.F("merged_into"),
                        condition=models.Q(("merged_into__isnull", False)),
                        name="register_address_merged",
                    ),
                    models.Index(
                        models.F("lon"),
                        models.F("lat"),
                        condition=models.Q(("lon__isnull", False)),
                        name="register_address_here",
                    ),
                    models.Index(
                        models.F("community_code"),
                        models.F("full_name"),
                        condition=models.Q(("level__in", [5, 6]), ("valid_until__isnull", True)),
                        name="register_address_building",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("area_code__regex", "^(\\d{12}|\\d{15})$"),
                            ("district_code", django.db.models.functions.text.Left("area_code", 6)),
                        ),
                        name="register_address_in_an_area",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("valid_until__isnull", True),
                            ("valid_until__gte", models.F("valid_from")),
                            _connector="OR",
                        ),
                        name="register_address_ends_after_start",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("merged_into__isnull", True),
                            models.Q(
                                ("valid_until__isnull", False),
                                models.Q(("merged_into", models.F("id")), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="register_address_merged_has_ended",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("source__in", ["visit", "desk", "told", "import", "department"])
                        ),
                        name="register_address_source_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("level", 4), ("parent__isnull", True)),
                            models.Q(("level__in", [5, 6, 7, 8, 9]), ("parent__isnull", False)),
                            _connector="OR",
                        ),
                        name="register_address_level",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("name", ""), _negated=True),
                        name="register_address_named",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("parent", models.F("id")), _negated=True),
                        name="register_address_not_in_itself",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("lat__isnull", True), ("lon__isnull", True)),
                            models.Q(("lat__range", (-90, 90)), ("lon__range", (-180, 180))),
                            _connector="OR",
                        ),
                        name="register_address_pinned",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("building_code__isnull", True),
                            models.Q(
                                ("level__in", [5, 6]),
                                models.Q(("building_code", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="register_address_code_of_building",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("parent__isnull", True), ("valid_until__isnull", True)),
                        fields=("community_code", "name"),
                        name="register_address_street_once",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(
                            ("parent__isnull", False), ("valid_until__isnull", True)
                        ),
                        fields=("parent", "level", "name"),
                        name="register_address_once",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="AddressAlias",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "kind",
                    models.CharField(
                        choices=[("alias", "also called"), ("old_plate", "old plate")],
                        max_length=10,
                        verbose_name="kind",
                    ),
                ),
                (
                    "name",
                    models.CharField(
                        help_text="whole, as people say it", max_length=80, verbose_name="name"
                    ),
                ),
                ("words", models.CharField(max_length=300)),
                (
                    "valid_until",
                    models.DateField(blank=True, null=True, verbose_name="valid until"),
                ),
                (
                    "address",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="aliases",
                        to="huying.address",
                    ),
                ),
            ],
            options={
                "verbose_name": "other name of an address",
                "verbose_name_plural": "other names of addresses",
                "db_table": "register_alias",
                "ordering": ["address_id", "id"],
                "indexes": [models.Index(models.F("name"), name="register_alias_name")],
                "constraints": [
                    models.UniqueConstraint(fields=("address", "name"), name="register_alias_once"),
                    models.CheckConstraint(
                        condition=models.Q(("name", ""), _negated=True), name="register_alias_named"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Dwelling",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=huying.audit.identifiers.new_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("district_code", models.CharField(max_length=6)),
                ("area_code", models.CharField(max_length=15, verbose_name="grid")),
                ("valid_from", models.DateField(verbose_name="valid from")),
                (
                    "valid_until",
                    models.DateField(blank=True, null=True, verbose_name="valid until"),
                ),
                (
                    "source",
                    models.CharField(
                        choices=[
                            ("visit", "collected on a visit"),
                            ("desk", "entered at a desk"),
                            ("told", "told by the person"),
                            ("import", "taken in from a table"),
                            ("department", "from a department"),
                        ],
                        max_length=12,
                        verbose_name="source",
                    ),
                ),
                ("made_at", models.DateTimeField(verbose_name="entered at")),
                (
                    "made_by",
                    models.BigIntegerField(blank=True, null=True, verbose_name="entered by"),
                ),
                (
                    "checked_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="checked at"),
                ),
                (
                    "checked_by",
                    models.BigIntegerField(blank=True, null=True, verbose_name="checked by"),
                ),
                ("version", models.PositiveIntegerField(default=1)),
                (
                    "use",
                    models.CharField(
                        choices=[
                            ("owner", "lived in by its owner"),
                            ("rented", "rented out"),
                            ("shared", "dormitory or rented to many"),
                            ("mixed", "lived and worked in"),
                            ("empty", "empty"),
                            ("unknown", "not known"),
                        ],
                        max_length=8,
                        verbose_name="use",
                    ),
                ),
                (
                    "rooms",
                    models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="rooms"),
                ),
                (
                    "risks",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(
                            choices=[
                                ("chemicals", "hazardous chemicals"),
                                ("three_in_one", "workshop, store and dwelling in one"),
                                ("charging", "electric bikes charged indoors"),
                                ("gas", "bottled gas"),
                                ("dust", "explosive dust"),
                                ("crowded", "many people close together"),
                                ("barred", "barred windows or blocked exits"),
                            ],
                            max_length=12,
                        ),
                        blank=True,
                        default=list,
                        size=None,
                    ),
                ),
                (
                    "address",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="dwellings",
                        to="huying.address",
                    ),
                ),
                (
                    "merged_into",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="merged",
                        to="huying.dwelling",
                    ),
                ),
            ],
            options={
                "verbose_name": "dwelling",
                "verbose_name_plural": "dwellings",
                "db_table": "register_dwelling",
                "indexes": [
                    models.Index(
                        django.contrib.postgres.indexes.OpClass(
                            models.F("area_code"), name="varchar_pattern_ops"
                        ),
                        name="register_dwelling_of_area",
                    ),
                    models.Index(
                        models.F("merged_into"),
                        condition=models.Q(("merged_into__isnull", False)),
                        name="register_dwelling_merged",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("area_code__regex", "^(\\d{12}|\\d{15})$"),
                            ("district_code", django.db.models.functions.text.Left("area_code", 6)),
                        ),
                        name="register_dwelling_in_an_area",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("valid_until__isnull", True),
                            ("valid_until__gte", models.F("valid_from")),
                            _connector="OR",
                        ),
                        name="register_dwelling_ends_after_start",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("merged_into__isnull", True),
                            models.Q(
                                ("valid_until__isnull", False),
                                models.Q(("merged_into", models.F("id")), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="register_dwelling_merged_has_ended",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("source__in", ["visit", "desk", "told", "import", "department"])
                        ),
                        name="register_dwelling_source_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "risks__contained_by",
                                [
                                    "chemicals",
                                    "three_in_one",
                                    "charging",
                                    "gas",
                                    "dust",
                                    "crowded",
                                    "barred",
                                ],
                            )
                        ),
                        name="register_dwelling_risks_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("use__in", ["owner", "rented", "shared", "mixed", "empty", "unknown"])
                        ),
                        name="register_dwelling_use_known",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("valid_until__isnull", True)),
                        fields=("address",),
                        name="register_dwelling_once",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Enterprise",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=huying.audit.identifiers.new_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("district_code", models.CharField(max_length=6)),
                ("area_code", models.CharField(max_length=15, verbose_name="grid")),
                ("valid_from", models.DateField(verbose_name="valid from")),
                (
                    "valid_until",
                    models.DateField(blank=True, null=True, verbose_name="valid until"),
                ),
                (
                    "source",
                    models.CharField(
                        choices=[
                            ("visit", "collected on a visit"),
                            ("desk", "entered at a desk"),
                            ("told", "told by the person"),
                            ("import", "taken in from a table"),
                            ("department", "from a department"),
                        ],
                        max_length=12,
                        verbose_name="source",
                    ),
                ),
                ("made_at", models.DateTimeField(verbose_name="entered at")),
                (
                    "made_by",
                    models.BigIntegerField(blank=True, null=True, verbose_name="entered by"),
                ),
                (
                    "checked_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="checked at"),
                ),
                (
                    "checked_by",
                    models.BigIntegerField(blank=True, null=True, verbose_name="checked by"),
                ),
                ("version", models.PositiveIntegerField(default=1)),
                ("name", models.CharField(max_length=80, verbose_name="name")),
                ("words", models.CharField(max_length=260)),
                (
                    "credit_code",
                    models.CharField(
                        blank=True,
                        max_length=18,
                        null=True,
                        verbose_name="unified social credit code",
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("factory", "factory or workshop"),
                            ("store", "warehouse"),
                            ("shop", "shop"),
                            ("food", "restaurant"),
                            ("lodging", "hotel or lodging house"),
                            ("school", "school or nursery"),
                            ("care", "clinic or home"),
                            ("office", "office"),
                            ("other", "other"),
                        ],
                        max_length=8,
                        verbose_name="kind",
                    ),
                ),
                (
                    "risks",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(
                            choices=[
                                ("chemicals", "hazardous chemicals"),
                                ("three_in_one", "workshop, store and dwelling in one"),
                                ("charging", "electric bikes charged indoors"),
                                ("gas", "bottled gas"),
                                ("dust", "explosive dust"),
                                ("crowded", "many people close together"),
                                ("barred", "barred windows or blocked exits"),
                            ],
                            max_length=12,
                        ),
                        blank=True,
                        default=list,
                        size=None,
                    ),
                ),
                ("contact_enc", models.BinaryField(blank=True, null=True)),
                (
                    "contact_masked",
                    models.CharField(blank=True, default="", max_length=20, verbose_name="contact"),
                ),
                ("phone_enc", models.BinaryField(blank=True, null=True)),
                (
                    "phone_masked",
                    models.CharField(blank=True, default="", max_length=20, verbose_name="phone"),
                ),
                ("phone_index", models.BinaryField(blank=True, null=True)),
                (
                    "address",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="enterprises",
                        to="huying.address",
                    ),
                ),
                (
                    "merged_into",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="merged",
                        to="huying.enterprise",
                    ),
                ),
            ],
            options={
                "verbose_name": "unit in the register",
                "verbose_name_plural": "units in the register",
                "db_table": "register_enterprise",
                "ordering": ["name", "id"],
                "indexes": [
                    models.Index(
                        django.contrib.postgres.indexes.OpClass(
                            models.F("area_code"), name="varchar_pattern_ops"
                        ),
                        name="register_enterprise_of_area",
                    ),
                    models.Index(
                        models.F("merged_into"),
                        condition=models.Q(("merged_into__isnull", False)),
                        name="register_enterprise_merged",
                    ),
                    models.Index(models.F("phone_index"), name="register_enterprise_phone"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("area_code__regex", "^(\\d{12}|\\d{15})$"),
                            ("district_code", django.db.models.functions.text.Left("area_code", 6)),
                        ),
                        name="register_enterprise_in_an_area",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("valid_until__isnull", True),
                            ("valid_until__gte", models.F("valid_from")),
                            _connector="OR",
                        ),
                        name="register_enterprise_ends_after_start",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("merged_into__isnull", True),
                            models.Q(
                                ("valid_until__isnull", False),
                                models.Q(("merged_into", models.F("id")), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="register_enterprise_merged_has_ended",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("source__in", ["visit", "desk", "told", "import", "department"])
                        ),
                        name="register_enterprise_source_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "risks__contained_by",
                                [
                                    "chemicals",
                                    "three_in_one",
                                    "charging",
                                    "gas",
                                    "dust",
                                    "crowded",
                                    "barred",
                                ],
                            )
                        ),
                        name="register_enterprise_risks_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("name", ""), _negated=True),
                        name="register_enterprise_named",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("credit_code__isnull", True),
                            ("credit_code__regex", "^[0-9A-HJ-NP-RTUWXY]{18}$"),
                            _connector="OR",
                        ),
                        name="register_enterprise_code",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(
                            ("credit_code__isnull", False), ("valid_until__isnull", True)
                        ),
                        fields=("district_code", "credit_code"),
                        name="register_enterprise_code_once",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Facility",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=huying.audit.identifiers.new_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("district_code", models.CharField(max_length=6)),
                ("area_code", models.CharField(max_length=15, verbose_name="grid")),
                ("valid_from", models.DateField(verbose_name="valid from")),
                (
                    "valid_until",
                    models.DateField(blank=True, null=True, verbose_name="valid until"),
                ),
                (
                    "source",
                    models.CharField(
                        choices=[
                            ("visit", "collected on a visit"),
                            ("desk", "entered at a desk"),
                            ("told", "told by the person"),
                            ("import", "taken in from a table"),
                            ("department", "from a department"),
                        ],
                        max_length=12,
                        verbose_name="source",
                    ),
                ),
                ("made_at", models.DateTimeField(verbose_name="entered at")),
                (
                    "made_by",
                    models.BigIntegerField(blank=True, null=True, verbose_name="entered by"),
                ),
                (
                    "checked_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="checked at"),
                ),
                (
                    "checked_by",
                    models.BigIntegerField(blank=True, null=True, verbose_name="checked by"),
                ),
                ("version", models.PositiveIntegerField(default=1)),
                ("name", models.CharField(max_length=80, verbose_name="name")),
                ("words", models.CharField(max_length=260)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("hydrant", "fire hydrant"),
                            ("lamp", "street lamp"),
                            ("manhole", "manhole"),
                            ("pump", "pump or sluice"),
                            ("camera", "camera"),
                            ("lift", "lift"),
                            ("charger", "charging point"),
                            ("waste", "waste station"),
                            ("hall", "hall or square"),
                            ("shelter", "shelter"),
                            ("other", "other"),
                        ],
                        max_length=8,
                        verbose_name="kind",
                    ),
                ),
                ("lon", models.FloatField(blank=True, null=True, verbose_name="longitude")),
                ("lat", models.FloatField(blank=True, null=True, verbose_name="latitude")),
                (
                    "risks",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(
                            choices=[
                                ("chemicals", "hazardous chemicals"),
                                ("three_in_one", "workshop, store and dwelling in one"),
                                ("charging", "electric bikes charged indoors"),
                                ("gas", "bottled gas"),
                                ("dust", "explosive dust"),
                                ("crowded", "many people close together"),
                                ("barred", "barred windows or blocked exits"),
                            ],
                            max_length=12,
                        ),
                        blank=True,
                        default=list,
                        size=None,
                    ),
                ),
                (
                    "address",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="facilities",
                        to="huying.address",
                    ),
                ),
                (
                    "merged_into",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="merged",
                        to="huying.facility",
                    ),
                ),
            ],
            options={
                "verbose_name": "facility",
                "verbose_name_plural": "facilities",
                "db_table": "register_facility",
                "ordering": ["name", "id"],
                "indexes": [
                    models.Index(
                        django.contrib.postgres.indexes.OpClass(
                            models.F("area_code"), name="varchar_pattern_ops"
                        ),
                        name="register_facility_of_area",
                    ),
                    models.Index(
                        models.F("merged_into"),
                        condition=models.Q(("merged_into__isnull", False)),
                        name="register_facility_merged",
                    ),
                    models.Index(
                        models.F("lon"),
                        models.F("lat"),
                        condition=models.Q(("lon__isnull", False)),
                        name="register_facility_here",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("area_code__regex", "^(\\d{12}|\\d{15})$"),
                            ("district_code", django.db.models.functions.text.Left("area_code", 6)),
                        ),
                        name="register_facility_in_an_area",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("valid_until__isnull", True),
                            ("valid_until__gte", models.F("valid_from")),
                            _connector="OR",
                        ),
                        name="register_facility_ends_after_start",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("merged_into__isnull", True),
                            models.Q(
                                ("valid_until__isnull", False),
                                models.Q(("merged_into", models.F("id")), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="register_facility_merged_has_ended",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("source__in", ["visit", "desk", "told", "import", "department"])
                        ),
                        name="register_facility_source_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "risks__contained_by",
                                [
                                    "chemicals",
                                    "three_in_one",
                                    "charging",
                                    "gas",
                                    "dust",
                                    "crowded",
                                    "barred",
                                ],
                            )
                        ),
                        name="register_facility_risks_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("name", ""), _negated=True),
                        name="register_facility_named",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("address__isnull", False),
                                ("lat__isnull", True),
                                ("lon__isnull", True),
                            ),
                            models.Q(("lat__range", (-90, 90)), ("lon__range", (-180, 180))),
                            _connector="OR",
                        ),
                        name="register_facility_pinned",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Household",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=huying.audit.identifiers.new_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("district_code", models.CharField(max_length=6)),
                ("area_code", models.CharField(max_length=15, verbose_name="grid")),
                ("valid_from", models.DateField(verbose_name="valid from")),
                (
                    "valid_until",
                    models.DateField(blank=True, null=True, verbose_name="valid until"),
                ),
                (
                    "source",
                    models.CharField(
                        choices=[
                            ("visit", "collected on a visit"),
                            ("desk", "entered at a desk"),
                            ("told", "told by the person"),
                            ("import", "taken in from a table"),
                            ("department", "from a department"),
                        ],
                        max_length=12,
                        verbose_name="source",
                    ),
                ),
                ("made_at", models.DateTimeField(verbose_name="entered at")),
                (
                    "made_by",
                    models.BigIntegerField(blank=True, null=True, verbose_name="entered by"),
                ),
                (
                    "checked_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="checked at"),
                ),
                (
                    "checked_by",
                    models.BigIntegerField(blank=True, null=True, verbose_name="checked by"),
                ),
                ("version", models.PositiveIntegerField(default=1)),
                ("number", models.PositiveSmallIntegerField(verbose_name="household")),
                (
                    "dwelling",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="households",
                        to="huying.dwelling",
                    ),
                ),
                (
                    "merged_into",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="merged",
                        to="huying.household",
                    ),
                ),
            ],
            options={
                "verbose_name": "household",
                "verbose_name_plural": "households",
                "db_table": "register_household",
                "ordering": ["dwelling_id", "number"],
                "indexes": [
                    models.Index(
                        django.contrib.postgres.indexes.OpClass(
                            models.F("area_code"), name="varchar_pattern_ops"
                        ),
                        name="register_household_of_area",
                    ),
                    models.Index(
                        models.F("merged_into"),
                        condition=models.Q(("merged_into__isnull", False)),
                        name="register_household_merged",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("area_code__regex", "^(\\d{12}|\\d{15})$"),
                            ("district_code", django.db.models.functions.text.Left("area_code", 6)),
                        ),
                        name="register_household_in_an_area",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("valid_until__isnull", True),
                            ("valid_until__gte", models.F("valid_from")),
                            _connector="OR",
                        ),
                        name="register_household_ends_after_start",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("merged_into__isnull", True),
                            models.Q(
                                ("valid_until__isnull", False),
                                models.Q(("merged_into", models.F("id")), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="register_household_merged_has_ended",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("source__in", ["visit", "desk", "told", "import", "department"])
                        ),
                        name="register_household_source_known",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("valid_until__isnull", True)),
                        fields=("dwelling", "number"),
                        name="register_household_once",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Person",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=huying.audit.identifiers.new_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("district_code", models.CharField(max_length=6)),
                ("area_code", models.CharField(max_length=15, verbose_name="grid")),
                ("valid_from", models.DateField(verbose_name="valid from")),
                (
                    "valid_until",
                    models.DateField(blank=True, null=True, verbose_name="valid until"),
                ),
                (
                    "source",
                    models.CharField(
                        choices=[
                            ("visit", "collected on a visit"),
                            ("desk", "entered at a desk"),
                            ("told", "told by the person"),
                            ("import", "taken in from a table"),
                            ("department", "from a department"),
                        ],
                        max_length=12,
                        verbose_name="source",
                    ),
                ),
                ("made_at", models.DateTimeField(verbose_name="entered at")),
                (
                    "made_by",
                    models.BigIntegerField(blank=True, null=True, verbose_name="entered by"),
                ),
                (
                    "checked_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="checked at"),
                ),
                (
                    "checked_by",
                    models.BigIntegerField(blank=True, null=True, verbose_name="checked by"),
                ),
                ("version", models.PositiveIntegerField(default=1)),
                ("name_enc", models.BinaryField()),
                ("name_masked", models.CharField(max_length=20, verbose_name="name")),
                ("name_index", models.BinaryField()),
                ("initials", models.CharField(blank=True, default="", max_length=20)),
                ("id_number_enc", models.BinaryField(blank=True, null=True)),
                (
                    "id_number_masked",
                    models.CharField(
                        blank=True, default="", max_length=20, verbose_name="id number"
                    ),
                ),
                ("id_number_index", models.BinaryField(blank=True, null=True)),
                ("phone_enc", models.BinaryField(blank=True, null=True)),
                (
                    "phone_masked",
                    models.CharField(blank=True, default="", max_length=20, verbose_name="phone"),
                ),
                ("phone_index", models.BinaryField(blank=True, null=True)),
                (
                    "birth_year",
                    models.PositiveSmallIntegerField(
                        blank=True, null=True, verbose_name="year of birth"
                    ),
                ),
                (
                    "sex",
                    models.CharField(
                        blank=True,
                        choices=[("male", "male"), ("female", "female")],
                        default="",
                        max_length=6,
                        verbose_name="sex",
                    ),
                ),
                (
                    "stay",
                    models.CharField(
                        choices=[
                            ("registered", "registered here"),
                            ("moved_in", "lives here, registered elsewhere"),
                            ("away", "registered here, lives elsewhere"),
                        ],
                        max_length=12,
                        verbose_name="stay",
                    ),
                ),
                (
                    "relation",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("head", "head"),
                            ("spouse", "spouse"),
                            ("child", "child"),
                            ("parent", "parent"),
                            ("relative", "other relative"),
                            ("tenant", "tenant"),
                            ("other", "not related"),
                        ],
                        default="",
                        max_length=8,
                        verbose_name="relation",
                    ),
                ),
                (
                    "dwelling",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="people",
                        to="huying.dwelling",
                    ),
                ),
                (
                    "household",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="people",
                        to="huying.household",
                    ),
                ),
                (
                    "merged_into",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="merged",
                        to="huying.person",
                    ),
                ),
            ],
            options={
                "verbose_name": "person",
                "verbose_name_plural": "people",
                "db_table": "register_person",
                "indexes": [
                    models.Index(
                        django.contrib.postgres.indexes.OpClass(
                            models.F("area_code"), name="varchar_pattern_ops"
                        ),
                        name="register_person_of_area",
                    ),
                    models.Index(
                        models.F("merged_into"),
                        condition=models.Q(("merged_into__isnull", False)),
                        name="register_person_merged",
                    ),
                    models.Index(models.F("name_index"), name="register_person_name"),
                    models.Index(
                        models.F("phone_index"),
                        condition=models.Q(("phone_index__isnull", False)),
                        name="register_person_phone",
                    ),
                    models.Index(
                        models.F("id_number_index"),
                        condition=models.Q(("id_number_index__isnull", False)),
                        name="register_person_number",
                    ),
                    models.Index(
                        django.contrib.postgres.indexes.OpClass(
                            models.F("initials"), name="varchar_pattern_ops"
                        ),
                        django.contrib.postgres.indexes.OpClass(
                            models.F("area_code"), name="varchar_pattern_ops"
                        ),
                        condition=models.Q(("valid_until__isnull", True)),
                        name="register_person_initials",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("area_code__regex", "^(\\d{12}|\\d{15})$"),
                            ("district_code", django.db.models.functions.text.Left("area_code", 6)),
                        ),
                        name="register_person_in_an_area",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("valid_until__isnull", True),
                            ("valid_until__gte", models.F("valid_from")),
                            _connector="OR",
                        ),
                        name="register_person_ends_after_start",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("merged_into__isnull", True),
                            models.Q(
                                ("valid_until__isnull", False),
                                models.Q(("merged_into", models.F("id")), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="register_person_merged_has_ended",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("source__in", ["visit", "desk", "told", "import", "department"])
                        ),
                        name="register_person_source_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("birth_year__isnull", True),
                            ("birth_year__range", (1850, 2200)),
                            _connector="OR",
                        ),
                        name="register_person_born",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("stay__in", ["registered", "moved_in", "away"]),
                            ("sex__in", ["", "male", "female"]),
                        ),
                        name="register_person_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("household__isnull", True),
                            ("dwelling__isnull", False),
                            _connector="OR",
                        ),
                        name="register_person_housed",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(
                            ("id_number_index__isnull", False), ("valid_until__isnull", True)
                        ),
                        fields=("district_code", "id_number_index"),
                        name="register_person_id_once",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="RegisterApart",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=huying.audit.identifiers.new_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                (
                    "register",
                    models.CharField(
                        choices=[
                            ("address", "addresses"),
                            ("dwelling", "dwellings"),
                            ("household", "households"),
                            ("person", "people"),
                            ("enterprise", "units"),
                            ("facility", "facilities"),
                        ],
                        max_length=12,
                    ),
                ),
                ("one", models.UUIDField()),
                ("other", models.UUIDField()),
                ("at", models.DateTimeField()),
                ("by_account", models.BigIntegerField(null=True)),
            ],
            options={
                "db_table": "register_apart",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("register", "one", "other"), name="register_apart_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("one__lt", models.F("other"))),
                        name="register_apart_in_order",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="RegisterChangeWords",
            fields=[
                (
                    "change",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="words",
                        serialize=False,
                        to="huying.registerchange",
                    ),
                ),
                ("old_enc", models.BinaryField(null=True)),
                ("old_shown", models.CharField(blank=True, default="", max_length=300)),
                ("new_shown", models.CharField(blank=True, default="", max_length=300)),
            ],
            options={
                "db_table": "register_change_words",
            },
        ),
        migrations.CreateModel(
            name="Resealing",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=huying.audit.identifiers.new_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("purpose", models.CharField(max_length=12)),
                ("key_id", models.CharField(max_length=64)),
                ("began_at", models.DateTimeField()),
                ("tables", models.JSONField(default=list, help_text="those that are done")),
                (
                    "last_id",
                    models.CharField(blank=True, help_text="in the table under way", max_length=64),
                ),
                ("done_at", models.DateTimeField(null=True)),
            ],
            options={
                "db_table": "resealing",
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("done_at__isnull", True)),
                        fields=("purpose",),
                        name="resealing_one_at_a_time",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="CareLevel",
            fields=[
                (
                    "number",
                    models.PositiveSmallIntegerField(
                        primary_key=True, serialize=False, verbose_name="level"
                    ),
                ),
                ("name", models.CharField(max_length=12, unique=True, verbose_name="name")),
                (
                    "colour",
                    models.CharField(
                        choices=[("red", "red"), ("orange", "orange"), ("yellow", "yellow")],
                        max_length=8,
                        verbose_name="colour",
                    ),
                ),
                ("days", models.PositiveSmallIntegerField(verbose_name="days between two visits")),
            ],
            options={
                "verbose_name": "level of care",
                "verbose_name_plural": "levels of care",
                "db_table": "care_level",
                "ordering": ["number"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("days__range", (1, 180)), ("number__range", (1, 9))),
                        name="care_level_days",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("colour__in", ["red", "orange", "yellow"]),
                            models.Q(("name", ""), _negated=True),
                        ),
                        name="care_level_known",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="CarePerson",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=huying.audit.identifiers.new_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("district_code", models.CharField(max_length=6)),
                ("area_code", models.CharField(max_length=15, verbose_name="grid")),
                (
                    "kinds",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=16), size=None, verbose_name="kinds"
                    ),
                ),
                ("every_days", models.PositiveSmallIntegerField(null=True)),
                ("shorter_on", models.DateField(null=True)),
                ("before_days", models.PositiveSmallIntegerField(null=True)),
                (
                    "look_at",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(
                            choices=[
                                ("spirits", "spirits"),
                                ("food", "food and water"),
                                ("medicine", "medicine"),
                                ("gas", "gas and electricity"),
                                ("house", "the dwelling"),
                                ("school", "school and guardian"),
                                ("company", "who else comes by"),
                            ],
                            max_length=12,
                        ),
                        blank=True,
                        default=list,
                        size=None,
                    ),
                ),
                (
                    "consent",
                    models.CharField(
                        choices=[
                            ("signed", "signed by the person"),
                            ("spoken", "said by the person"),
                            ("guardian", "by the guardian"),
                        ],
                        max_length=10,
                        verbose_name="consent",
                    ),
                ),
                ("health_enc", models.BinaryField(null=True)),
                ("contact_enc", models.BinaryField(null=True)),
                (
                    "contact_masked",
                    models.CharField(default="", max_length=20, verbose_name="emergency contact"),
                ),
                ("phone_enc", models.BinaryField(null=True)),
                (
                    "phone_masked",
                    models.CharField(
                        default="", max_length=20, verbose_name="phone of the contact"
                    ),
                ),
                ("since", models.DateField()),
                ("made_at", models.DateTimeField()),
                ("ended_on", models.DateField(null=True)),
                (
                    "end_reason",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("moved", "moved away"),
                            ("died", "died"),
                            ("better", "no longer needs it"),
                            ("home", "lives in a home now"),
                            ("refused", "does not want it any more"),
                            ("twice", "was on the list twice"),
                        ],
                        default="",
                        max_length=10,
                    ),
                ),
                ("due_on", models.DateField()),
                ("why", models.CharField(max_length=12)),
                ("last_on", models.DateField(null=True)),
                ("misses", models.PositiveSmallIntegerField(default=0)),
                ("rung", models.PositiveSmallIntegerField(default=0)),
                ("climb_on", models.DateField(null=True)),
                ("last_seq", models.PositiveIntegerField(default=0)),
                ("version", models.PositiveIntegerField(default=1)),
                (
                    "level",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="people",
                        to="huying.carelevel",
                    ),
                ),
                (
                    "made_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "member",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="cared_for",
                        to="huying.person",
                    ),
                ),
                (
                    "worker",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "person to visit",
                "verbose_name_plural": "people to visit",
                "db_table": "care_person",
                "ordering": ["due_on", "level_id", "id"],
                "indexes": [
                    models.Index(
                        django.contrib.postgres.indexes.OpClass(
                            models.F("area_code"), name="varchar_pattern_ops"
                        ),
                        models.F("due_on"),
                        name="care_person_of_area",
                    ),
                    models.Index(
                        models.F("climb_on"),
                        condition=models.Q(("climb_on__isnull", False), ("ended_on__isnull", True)),
                        name="care_person_to_climb",
                    ),
                    models.Index(
                        models.F("worker"),
                        condition=models.Q(("worker__isnull", False)),
                        name="care_person_worker",
                    ),
                    models.Index(
                        models.F("member"),
                        condition=models.Q(("member__isnull", False)),
                        name="care_person_member",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("area_code__regex", "^(\\d{12}|\\d{15})$"),
                            ("district_code", django.db.models.functions.text.Left("area_code", 6)),
                        ),
                        name="care_person_in_an_area",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("ended_on__isnull", True)),
                        fields=("person",),
                        name="care_person_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("kinds__len__gt", 0)), name="care_person_of_a_kind"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("consent__in", ["signed", "spoken", "guardian"])),
                        name="care_person_agreed",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("every_days__isnull", True),
                            ("every_days__range", (1, 180)),
                            _connector="OR",
                        ),
                        name="care_person_interval",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "look_at__contained_by",
                                [
                                    "spirits",
                                    "food",
                                    "medicine",
                                    "gas",
                                    "house",
                                    "school",
                                    "company",
                                ],
                            )
                        ),
                        name="care_person_look_at_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("end_reason", ""), ("ended_on__isnull", True)),
                            models.Q(
                                (
                                    "end_reason__in",
                                    ["moved", "died", "better", "home", "refused", "twice"],
                                ),
                                ("ended_on__gte", models.F("since")),
                            ),
                            _connector="OR",
                        ),
                        name="care_person_ended_with_reason",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("rung__lte", huying.care.due.Rung["TOWN"])),
                        name="care_person_rung",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="CareVisit",
            fields=[
                ("id", models.UUIDField(editable=False, primary_key=True, serialize=False)),
                ("district_code", models.CharField(max_length=6)),
                ("area_code", models.CharField(max_length=15)),
                ("planned_on", models.DateField()),
                ("at", models.DateTimeField()),
                ("day", models.DateField()),
                ("received_at", models.DateTimeField()),
                (
                    "way",
                    models.CharField(
                        choices=[
                            ("door", "at the door"),
                            ("elsewhere", "met elsewhere"),
                            ("phone", "by phone"),
                        ],
                        max_length=10,
                    ),
                ),
                (
                    "outcome",
                    models.CharField(
                        choices=[
                            ("well", "all is well"),
                            ("needs", "needs something"),
                            ("not_met", "not met"),
                            ("alarm", "emergency"),
                        ],
                        max_length=8,
                    ),
                ),
                ("counts", models.BooleanField()),
                (
                    "needs",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(
                            choices=[
                                ("errands", "shopping or errands"),
                                ("meals", "meals"),
                                ("doctor", "doctor or medicine"),
                                ("repair", "a repair"),
                                ("papers", "papers or allowance"),
                                ("company", "company"),
                                ("other", "something else"),
                            ],
                            max_length=10,
                        ),
                        blank=True,
                        default=list,
                        size=None,
                    ),
                ),
                ("distance_m", models.PositiveIntegerField(null=True)),
                ("words_enc", models.BinaryField(null=True)),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "care",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="visits",
                        to="huying.careperson",
                    ),
                ),
            ],
            options={
                "verbose_name": "visit",
                "verbose_name_plural": "visits",
                "db_table": "care_visit",
                "ordering": ["-at", "-id"],
                "indexes": [
                    models.Index(models.F("care"), models.F("at"), name="care_visit_of_person"),
                    models.Index(
                        django.contrib.postgres.indexes.OpClass(
                            models.F("area_code"), name="varchar_pattern_ops"
                        ),
                        models.F("planned_on"),
                        name="care_visit_of_area",
                    ),
                    models.Index(
                        models.F("account"), models.F("day"), name="care_visit_of_account"
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("way__in", ["door", "elsewhere", "phone"]),
                            ("outcome__in", ["well", "needs", "not_met", "alarm"]),
                            (
                                "needs__contained_by",
                                [
                                    "errands",
                                    "meals",
                                    "doctor",
                                    "repair",
                                    "papers",
                                    "company",
                                    "other",
                                ],
                            ),
                        ),
                        name="care_visit_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("at__lte", models.F("received_at"))),
                        name="care_visit_not_ahead",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("counts", False),
                            models.Q(("outcome", "not_met"), _negated=True),
                            _connector="OR",
                        ),
                        name="care_visit_counts_if_met",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("way", "elsewhere"), _negated=True),
                            models.Q(("outcome", "not_met"), _negated=True),
                            _connector="OR",
                        ),
                        name="care_visit_elsewhere_met",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="CareCase",
            fields=[
                (
                    "case",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="found_on_visit",
                        serialize=False,
                        to="huying.case",
                    ),
                ),
                (
                    "care",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="cases",
                        to="huying.careperson",
                    ),
                ),
                (
                    "visit",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="case_link",
                        to="huying.carevisit",
                    ),
                ),
            ],
            options={
                "db_table": "care_case",
            },
        ),
        migrations.CreateModel(
            name="CareFile",
            fields=[
                (
                    "attachment",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="care_file",
                        serialize=False,
                        to="huying.attachment",
                    ),
                ),
                (
                    "visit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="files",
                        to="huying.carevisit",
                    ),
                ),
            ],
            options={
                "db_table": "care_file",
                "ordering": ["attachment_id"],
            },
        ),
        migrations.CreateModel(
            name="CareKind",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("code", models.CharField(max_length=16, unique=True, verbose_name="code")),
                ("name", models.CharField(max_length=20, unique=True, verbose_name="name")),
                ("minors", models.BooleanField(default=False, verbose_name="about children")),
                ("position", models.PositiveSmallIntegerField(default=0, verbose_name="position")),
                ("active", models.BooleanField(default=True, verbose_name="active")),
            ],
            options={
                "verbose_name": "kind of people to visit",
                "verbose_name_plural": "kinds of people to visit",
                "db_table": "care_kind",
                "ordering": ["position", "id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("code__regex", "^[a-z][a-z0-9_]*$"),
                            models.Q(("name", ""), _negated=True),
                        ),
                        name="care_kind_named",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="CareStep",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=huying.audit.identifiers.new_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("seq", models.PositiveIntegerField()),
                ("verb", models.CharField(max_length=12)),
                ("at", models.DateTimeField()),
                ("actor_kind", models.CharField(max_length=12)),
                ("actor_id", models.BigIntegerField(null=True)),
                ("post_id", models.BigIntegerField(null=True)),
                ("data", models.JSONField(default=dict)),
                (
                    "care",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="steps",
                        to="huying.careperson",
                    ),
                ),
            ],
            options={
                "db_table": "care_step",
                "ordering": ["care_id", "seq"],
                "constraints": [
                    models.UniqueConstraint(fields=("care", "seq"), name="care_step_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="SurveyFollowed",
            fields=[
                (
                    "district_code",
                    models.CharField(max_length=6, primary_key=True, serialize=False),
                ),
                ("version", models.BigIntegerField()),
            ],
            options={
                "db_table": "survey_followed",
            },
        ),
        migrations.CreateModel(
            name="Survey",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=huying.audit.identifiers.new_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("district_code", models.CharField(max_length=6)),
                ("area_code", models.CharField(max_length=9)),
                (
                    "kind",
                    models.CharField(
                        choices=[("register", "register"), ("survey", "survey")], max_length=8
                    ),
                ),
                ("title", models.CharField(max_length=40)),
                ("why", models.CharField(blank=True, default="", max_length=500)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("draft", "being designed"),
                            ("open", "open"),
                            ("closed", "closed"),
                        ],
                        default="draft",
                        max_length=6,
                    ),
                ),
                ("due_at", models.DateTimeField(null=True)),
                ("sample_percent", models.PositiveSmallIntegerField(default=10)),
                ("stale_days", models.PositiveSmallIntegerField(default=365)),
                ("made_at", models.DateTimeField()),
                ("made_by", models.BigIntegerField(null=True)),
                ("opened_at", models.DateTimeField(null=True)),
                ("closed_at", models.DateTimeField(null=True)),
                ("rung", models.PositiveSmallIntegerField(default=0)),
                ("climb_at", models.DateTimeField(null=True)),
                ("version", models.PositiveIntegerField(default=1)),
            ],
            options={
                "verbose_name": "register or survey",
                "verbose_name_plural": "registers and surveys",
                "db_table": "survey",
                "ordering": ["kind", "-made_at", "id"],
                "indexes": [
                    models.Index(models.F("area_code"), models.F("state"), name="survey_of_area"),
                    models.Index(
                        models.F("climb_at"),
                        condition=models.Q(("climb_at__isnull", False)),
                        name="survey_to_climb",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("area_code__regex", "^(\\d{6}|\\d{9})$"),
                            ("district_code", django.db.models.functions.text.Left("area_code", 6)),
                        ),
                        name="survey_of_town_or_district",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("kind__in", ["register", "survey"]),
                            ("state__in", ["draft", "open", "closed"]),
                            models.Q(("title", ""), _negated=True),
                        ),
                        name="survey_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("due_at__isnull", True), ("kind", "register")),
                            models.Q(("due_at__isnull", False), ("kind", "survey")),
                            _connector="OR",
                        ),
                        name="survey_deadline_of_surveys",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("sample_percent__lte", 100), ("stale_days__gte", 1)),
                        name="survey_share",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("opened_at__isnull", True), ("state", "draft")),
                            models.Q(("opened_at__isnull", False), ("state", "open")),
                            models.Q(
                                ("closed_at__isnull", False),
                                ("opened_at__isnull", False),
                                ("state", "closed"),
                            ),
                            _connector="OR",
                        ),
                        name="survey_opened",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("climb_at__isnull", True), ("due_at__isnull", False), _connector="OR"
                        ),
                        name="survey_climbs_to_deadline",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="SurveyTarget",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=huying.audit.identifiers.new_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("district_code", models.CharField(max_length=6)),
                ("area_code", models.CharField(max_length=15)),
                ("name", models.CharField(max_length=80)),
                ("place", models.CharField(blank=True, default="", max_length=120)),
                ("lon", models.FloatField(null=True)),
                ("lat", models.FloatField(null=True)),
                ("done_at", models.DateTimeField(null=True)),
                (
                    "obstacle",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("gone", "moved away or pulled down"),
                            ("not_found", "not found"),
                            ("nobody", "nobody there, several times"),
                            ("refused", "refuses"),
                        ],
                        default="",
                        max_length=10,
                    ),
                ),
                ("obstacle_by", models.BigIntegerField(null=True)),
                (
                    "address",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="huying.address",
                    ),
                ),
                (
                    "enterprise",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="huying.enterprise",
                    ),
                ),
                (
                    "survey",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="targets",
                        to="huying.survey",
                    ),
                ),
            ],
            options={
                "db_table": "survey_target",
                "ordering": ["area_code", "name", "id"],
                "indexes": [
                    models.Index(
                        models.F("survey"), models.F("area_code"), name="survey_target_of_area"
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("area_code__regex", "^(\\d{12}|\\d{15})$"),
                            ("district_code", django.db.models.functions.text.Left("area_code", 6)),
                        ),
                        name="survey_target_in_an_area",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("name", ""), _negated=True), name="survey_target_named"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("lat__isnull", True), ("lon__isnull", True)),
                            models.Q(("lat__range", (-90, 90)), ("lon__range", (-180, 180))),
                            _connector="OR",
                        ),
                        name="survey_target_on_earth",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("obstacle", ""),
                            models.Q(
                                ("done_at__isnull", True),
                                ("obstacle__in", ["gone", "not_found", "nobody", "refused"]),
                            ),
                            _connector="OR",
                        ),
                        name="survey_target_done_or_not",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("enterprise__isnull", False)),
                        fields=("survey", "enterprise"),
                        name="survey_target_unit_once",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(
                            ("address__isnull", False), ("enterprise__isnull", True)
                        ),
                        fields=("survey", "address", "name"),
                        name="survey_target_address_once",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("address__isnull", True), ("enterprise__isnull", True)),
                        fields=("survey", "area_code", "name", "place"),
                        name="survey_target_words_once",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="SurveyEntry",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=huying.audit.identifiers.new_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("district_code", models.CharField(max_length=6)),
                ("area_code", models.CharField(max_length=15, verbose_name="grid")),
                ("valid_from", models.DateField(verbose_name="valid from")),
                (
                    "valid_until",
                    models.DateField(blank=True, null=True, verbose_name="valid until"),
                ),
                (
                    "source",
                    models.CharField(
                        choices=[
                            ("visit", "collected on a visit"),
                            ("desk", "entered at a desk"),
                            ("told", "told by the person"),
                            ("import", "taken in from a table"),
                            ("department", "from a department"),
                        ],
                        max_length=12,
                        verbose_name="source",
                    ),
                ),
                ("made_at", models.DateTimeField(verbose_name="entered at")),
                (
                    "made_by",
                    models.BigIntegerField(blank=True, null=True, verbose_name="entered by"),
                ),
                (
                    "checked_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="checked at"),
                ),
                (
                    "checked_by",
                    models.BigIntegerField(blank=True, null=True, verbose_name="checked by"),
                ),
                ("version", models.PositiveIntegerField(default=1)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("kept", "entered"),
                            ("passed", "looked at and good"),
                            ("sent_back", "sent back"),
                        ],
                        default="kept",
                        max_length=10,
                    ),
                ),
                ("name", models.CharField(max_length=80)),
                ("place", models.CharField(blank=True, default="", max_length=120)),
                ("words", models.TextField(blank=True, default="")),
                ("lon", models.FloatField(null=True)),
                ("lat", models.FloatField(null=True)),
                ("told_by", models.BigIntegerField()),
                ("told_at", models.DateTimeField()),
                ("sampled", models.BooleanField(default=False)),
                ("looked_at", models.DateTimeField(null=True)),
                ("looked_by", models.BigIntegerField(null=True)),
                ("last_seq", models.PositiveIntegerField(default=0)),
                (
                    "address",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="huying.address",
                    ),
                ),
                (
                    "enterprise",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="huying.enterprise",
                    ),
                ),
                (
                    "merged_into",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="merged",
                        to="huying.surveyentry",
                    ),
                ),
                (
                    "survey",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="entries",
                        to="huying.survey",
                    ),
                ),
                (
                    "target",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="entries",
                        to="huying.surveytarget",
                    ),
                ),
            ],
            options={
                "verbose_name": "entry",
                "verbose_name_plural": "entries",
                "db_table": "survey_entry",
                "ordering": ["-told_at", "id"],
                "indexes": [
                    models.Index(
                        django.contrib.postgres.indexes.OpClass(
                            models.F("area_code"), name="varchar_pattern_ops"
                        ),
                        name="survey_entry_of_area",
                    ),
                    models.Index(
                        models.F("merged_into"),
                        condition=models.Q(("merged_into__isnull", False)),
                        name="survey_entry_merged",
                    ),
                    models.Index(
                        models.F("survey"),
                        models.F("area_code"),
                        models.F("told_at"),
                        name="survey_entry_of_survey",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("area_code__regex", "^(\\d{12}|\\d{15})$"),
                            ("district_code", django.db.models.functions.text.Left("area_code", 6)),
                        ),
                        name="survey_entry_in_an_area",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("valid_until__isnull", True),
                            ("valid_until__gte", models.F("valid_from")),
                            _connector="OR",
                        ),
                        name="survey_entry_ends_after_start",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("merged_into__isnull", True),
                            models.Q(
                                ("valid_until__isnull", False),
                                models.Q(("merged_into", models.F("id")), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="survey_entry_merged_has_ended",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("source__in", ["visit", "desk", "told", "import", "department"])
                        ),
                        name="survey_entry_source_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("state__in", ["kept", "passed", "sent_back"]),
                            models.Q(("name", ""), _negated=True),
                        ),
                        name="survey_entry_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("lat__isnull", True), ("lon__isnull", True)),
                            models.Q(("lat__range", (-90, 90)), ("lon__range", (-180, 180))),
                            _connector="OR",
                        ),
                        name="survey_entry_on_earth",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("state", "kept"),
                            models.Q(
                                ("looked_at__isnull", False),
                                ("looked_by__isnull", False),
                                models.Q(("looked_by", models.F("told_by")), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="survey_entry_looked_at_by_another",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(
                            ("target__isnull", False), ("valid_until__isnull", True)
                        ),
                        fields=("target",),
                        name="survey_entry_of_target_once",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="SurveyPhoto",
            fields=[
                (
                    "attachment",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="survey_photo",
                        serialize=False,
                        to="huying.attachment",
                    ),
                ),
                (
                    "entry",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="photos",
                        to="huying.surveyentry",
                    ),
                ),
            ],
            options={
                "db_table": "survey_photo",
                "ordering": ["attachment_id"],
            },
        ),
        migrations.CreateModel(
            name="SurveyText",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=huying.audit.identifiers.new_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("seq", models.PositiveIntegerField(help_text="of the step it came with")),
                ("body", models.TextField()),
                (
                    "entry",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="texts",
                        to="huying.surveyentry",
                    ),
                ),
            ],
            options={
                "db_table": "survey_text",
                "constraints": [
                    models.UniqueConstraint(fields=("entry", "seq"), name="survey_text_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="SurveyArea",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("code", models.CharField(max_length=15)),
                (
                    "survey",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="areas",
                        to="huying.survey",
                    ),
                ),
            ],
            options={
                "db_table": "survey_area",
                "ordering": ["code"],
                "indexes": [models.Index(models.F("code"), name="survey_area_code")],
                "constraints": [
                    models.UniqueConstraint(fields=("survey", "code"), name="survey_area_once"),
                    models.CheckConstraint(
                        condition=models.Q(("code__regex", "^(\\d{6}|\\d{9}|\\d{12}|\\d{15})$")),
                        name="survey_area_is_one",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="SurveyAnswers",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        editable=False,
                        help_text="given by the phone",
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("seq", models.PositiveIntegerField(help_text="of the step it came with")),
                (
                    "body",
                    models.TextField(
                        help_text="answers that tell of no person, as JSON by question"
                    ),
                ),
                (
                    "masked",
                    models.TextField(help_text="the other answers as they may be shown, as JSON"),
                ),
                ("sealed", models.BinaryField(help_text="the other answers, encrypted", null=True)),
                (
                    "form",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="huying.formversion",
                    ),
                ),
                (
                    "entry",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="answers",
                        to="huying.surveyentry",
                    ),
                ),
            ],
            options={
                "db_table": "survey_answers",
                "ordering": ["entry_id", "seq"],
                "constraints": [
                    models.UniqueConstraint(fields=("entry", "seq"), name="survey_answers_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="SurveyGrid",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("grid_code", models.CharField(max_length=15)),
                ("finished_at", models.DateTimeField()),
                ("finished_by", models.BigIntegerField()),
                (
                    "survey",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="grids",
                        to="huying.survey",
                    ),
                ),
            ],
            options={
                "db_table": "survey_grid",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("survey", "grid_code"), name="survey_grid_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("grid_code__regex", "^\\d{15}$")),
                        name="survey_grid_is_one",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="SurveyStep",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=huying.audit.identifiers.new_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("seq", models.PositiveIntegerField()),
                ("verb", models.CharField(max_length=10)),
                ("at", models.DateTimeField()),
                ("by_account", models.BigIntegerField(null=True)),
                ("post_id", models.BigIntegerField(null=True)),
                (
                    "entry",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="steps",
                        to="huying.surveyentry",
                    ),
                ),
            ],
            options={
                "db_table": "survey_step",
                "ordering": ["entry_id", "seq"],
                "constraints": [
                    models.UniqueConstraint(fields=("entry", "seq"), name="survey_step_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="RetentionRule",
            fields=[
                ("code", models.CharField(max_length=24, primary_key=True, serialize=False)),
                ("days", models.PositiveIntegerField()),
                ("on", models.BooleanField(default=False)),
                ("version", models.PositiveIntegerField(default=1)),
                ("changed_at", models.DateTimeField()),
            ],
            options={
                "db_table": "retention_rule",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("days__range", (1, 36500))), name="retention_rule_days"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="RetentionChange",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=huying.audit.identifiers.new_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("rule", models.CharField(max_length=24)),
                ("days_before", models.PositiveIntegerField()),
                ("on_before", models.BooleanField()),
                ("days", models.PositiveIntegerField()),
                ("on", models.BooleanField()),
                ("needs_two", models.BooleanField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("asked", "waits for a second administrator"),
                            ("done", "in force"),
                            ("refused", "not agreed to"),
                            ("withdrawn", "withdrawn"),
                        ],
                        max_length=10,
                    ),
                ),
                ("asked_at", models.DateTimeField()),
                ("decided_at", models.DateTimeField(null=True)),
                (
                    "asked_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "decided_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "db_table": "retention_change",
                "ordering": ["-asked_at", "-id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("days__range", (1, 36500))),
                        name="retention_change_days",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("state", "asked")),
                        fields=("rule",),
                        name="retention_change_one_waits",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("needs_two", False),
                            ("state__in", ["asked", "withdrawn"]),
                            models.Q(
                                ("decided_by__isnull", False),
                                models.Q(("decided_by", models.F("asked_by")), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="retention_change_takes_two",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("needs_two", True),
                            ("on", False),
                            models.Q(("days__gte", models.F("days_before")), ("on_before", True)),
                            _connector="OR",
                        ),
                        name="retention_change_says_if_earlier",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="RetentionHold",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=huying.audit.identifiers.new_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("subject", models.CharField(max_length=12)),
                ("subject_id", models.UUIDField()),
                (
                    "reason",
                    models.CharField(
                        choices=[
                            ("litigation", "litigation or review"),
                            ("investigation", "investigation or discipline"),
                            ("audit", "audit or inspection"),
                            ("other", "another legal reason"),
                        ],
                        max_length=14,
                    ),
                ),
                ("words", models.CharField(blank=True, default="", max_length=200)),
                ("placed_at", models.DateTimeField()),
                ("lifted_at", models.DateTimeField(null=True)),
                (
                    "lifted_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "placed_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "db_table": "retention_hold",
                "ordering": ["-placed_at", "-id"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("lifted_at__isnull", True)),
                        fields=("subject", "subject_id", "reason"),
                        name="retention_hold_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("lifted_at__isnull", True), ("lifted_by__isnull", True)),
                            models.Q(
                                ("lifted_at__gte", models.F("placed_at")),
                                ("lifted_by__isnull", False),
                                ("words", ""),
                            ),
                            _connector="OR",
                        ),
                        name="retention_hold_lifted_by_somebody",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="RetentionRun",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=huying.audit.identifiers.new_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("dry", models.BooleanField()),
                ("nightly", models.BooleanField(default=False)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "waiting"),
                            ("running", "running"),
                            ("done", "done"),
                            ("failed", "failed"),
                        ],
                        max_length=8,
                    ),
                ),
                ("asked_at", models.DateTimeField()),
                (
                    "touched_at",
                    models.DateTimeField(help_text="when the worker last told how far it is"),
                ),
                ("ended_at", models.DateTimeField(null=True)),
                ("rules", models.JSONField(help_text="codes")),
                (
                    "done",
                    models.PositiveSmallIntegerField(default=0, help_text="rules that are through"),
                ),
                (
                    "result",
                    models.JSONField(
                        default=dict, help_text="by rule: due, gone, held, years, sample"
                    ),
                ),
                (
                    "asked_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "db_table": "retention_run",
                "ordering": ["-asked_at", "-id"],
                "indexes": [models.Index(fields=["-asked_at"], name="retention_run_latest")],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("dry", False), ("state", "running")),
                        fields=("dry",),
                        name="retention_run_one_at_a_time",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Branch",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=huying.audit.identifiers.new_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("district_code", models.CharField(max_length=6)),
                ("area_code", models.CharField(max_length=12, verbose_name="area")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("committee", "party committee"),
                            ("general", "general branch"),
                            ("grid", "grid branch"),
                            ("building", "building branch"),
                            ("unit", "branch of a unit or group"),
                        ],
                        max_length=10,
                        verbose_name="kind",
                    ),
                ),
                (
                    "plate",
                    models.CharField(
                        blank=True, default="", max_length=120, verbose_name="words on the plate"
                    ),
                ),
                (
                    "reach",
                    models.CharField(
                        blank=True, default="", max_length=120, verbose_name="how to reach it"
                    ),
                ),
                ("code", models.CharField(max_length=8, unique=True)),
                ("founded_on", models.DateField(verbose_name="founded on")),
                ("ended_on", models.DateField(blank=True, null=True, verbose_name="ended on")),
                ("made_at", models.DateTimeField()),
                ("made_by", models.BigIntegerField(null=True)),
                ("version", models.PositiveIntegerField(default=1)),
                (
                    "parent",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="children",
                        to="huying.branch",
                    ),
                ),
                (
                    "unit",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="branch",
                        to="huying.unit",
                    ),
                ),
            ],
            options={
                "verbose_name": "party branch",
                "verbose_name_plural": "party branches",
                "db_table": "branch",
                "ordering": ["area_code", "founded_on", "id"],
                "indexes": [
                    models.Index(
                        django.contrib.postgres.indexes.OpClass(
                            models.F("area_code"), name="varchar_pattern_ops"
                        ),
                        name="branch_of_area",
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("area_code__regex", "^(\\d{6}|\\d{9}|\\d{12})$"),
                            ("district_code", django.db.models.functions.text.Left("area_code", 6)),
                        ),
                        name="branch_in_an_area",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("kind__in", ["committee", "general", "grid", "building", "unit"])
                        ),
                        name="branch_kind_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("kind__in", ["general", "grid", "building"]), _negated=True),
                            ("area_code__regex", "^\\d{12}$"),
                            _connector="OR",
                        ),
                        name="branch_on_the_grid_in_a_community",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("parent", models.F("id")), _negated=True),
                        name="branch_not_above_itself",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("ended_on__isnull", True),
                            ("ended_on__gte", models.F("founded_on")),
                            _connector="OR",
                        ),
                        name="branch_ends_after_it_was_founded",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PartyMember",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=huying.audit.identifiers.new_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("district_code", models.CharField(max_length=6)),
                ("name_enc", models.BinaryField()),
                ("name_masked", models.CharField(max_length=20, verbose_name="name")),
                ("name_index", models.BinaryField()),
                ("phone_enc", models.BinaryField(blank=True, null=True)),
                (
                    "phone_masked",
                    models.CharField(blank=True, default="", max_length=20, verbose_name="phone"),
                ),
                ("phone_index", models.BinaryField(blank=True, null=True)),
                (
                    "reported_code",
                    models.CharField(
                        blank=True, default="", max_length=12, verbose_name="registered with"
                    ),
                ),
                ("reported_on", models.DateField(blank=True, null=True)),
                ("since", models.DateField(verbose_name="since")),
                ("until", models.DateField(blank=True, null=True, verbose_name="until")),
                (
                    "why_left",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("moved_away", "moved away"),
                            ("transferred", "went to another branch"),
                            ("died", "died"),
                            ("other", "something else"),
                        ],
                        default="",
                        max_length=12,
                    ),
                ),
                ("made_at", models.DateTimeField()),
                ("made_by", models.BigIntegerField(null=True)),
                ("version", models.PositiveIntegerField(default=1)),
                (
                    "account",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="party_member",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "branch",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="members",
                        to="huying.branch",
                    ),
                ),
                (
                    "came_from",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="went_to",
                        to="huying.partymember",
                    ),
                ),
                (
                    "dwelling",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="huying.dwelling",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="huying.person",
                    ),
                ),
            ],
            options={
                "verbose_name": "party member",
                "verbose_name_plural": "party members",
                "db_table": "party_member",
                "ordering": ["branch_id", "since", "id"],
                "indexes": [
                    models.Index(
                        models.F("reported_code"),
                        condition=models.Q(("reported_code", ""), _negated=True),
                        name="party_member_reported",
                    ),
                    models.Index(models.F("name_index"), name="party_member_name"),
                    models.Index(models.F("phone_index"), name="party_member_phone"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("until__isnull", True), ("why_left", "")),
                            models.Q(
                                ("until__gte", models.F("since")),
                                models.Q(("why_left", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="party_member_leaves_for_a_reason",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("reported_code", ""), ("reported_on__isnull", True)),
                            models.Q(
                                ("reported_code__regex", "^\\d{12}$"),
                                ("reported_on__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="party_member_reports_on_a_day",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("phone_index__isnull", False), ("until__isnull", True)),
                        fields=("district_code", "name_index", "phone_index"),
                        name="party_member_in_one_branch",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("account__isnull", False), ("until__isnull", True)),
                        fields=("account",),
                        name="party_member_account_in_one_branch",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("person__isnull", False), ("until__isnull", True)),
                        fields=("person",),
                        name="party_member_person_in_one_branch",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="HouseholdLink",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=huying.audit.identifiers.new_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("district_code", models.CharField(max_length=6)),
                ("metres", models.PositiveIntegerField(null=True)),
                ("linked_at", models.DateTimeField()),
                ("linked_by", models.BigIntegerField(null=True)),
                ("consent_at", models.DateTimeField(null=True)),
                ("consent_by", models.BigIntegerField(null=True)),
                (
                    "consent_how",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("visit", "said on a visit"),
                            ("paper", "signed a form"),
                            ("phone", "said on the phone"),
                        ],
                        default="",
                        max_length=6,
                    ),
                ),
                ("ended_at", models.DateTimeField(null=True)),
                ("ended_by", models.BigIntegerField(null=True)),
                (
                    "why_ended",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("handed", "handed over"),
                            ("refused", "the household refused"),
                            ("ended", "ended"),
                        ],
                        default="",
                        max_length=8,
                    ),
                ),
                (
                    "before",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="after",
                        to="huying.householdlink",
                    ),
                ),
                (
                    "household",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="member_links",
                        to="huying.household",
                    ),
                ),
                (
                    "member",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="links",
                        to="huying.partymember",
                    ),
                ),
            ],
            options={
                "verbose_name": "linked household",
                "verbose_name_plural": "linked households",
                "db_table": "household_link",
                "ordering": ["linked_at", "id"],
                "indexes": [
                    models.Index(
                        models.F("member"),
                        condition=models.Q(("ended_at__isnull", True)),
                        name="household_link_living",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("ended_at__isnull", True)),
                        fields=("household",),
                        name="household_link_one_at_a_time",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("consent_at__isnull", True), ("consent_how", "")),
                            models.Q(
                                ("consent_at__isnull", False),
                                models.Q(("consent_how", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="household_link_consent_whole",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("ended_at__isnull", True), ("why_ended", "")),
                            models.Q(
                                ("ended_at__gte", models.F("linked_at")),
                                models.Q(("why_ended", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="household_link_ends_for_a_reason",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="BranchChange",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=huying.audit.identifiers.new_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("district_code", models.CharField(max_length=6)),
                ("at", models.DateTimeField()),
                ("by_account", models.BigIntegerField(null=True)),
                (
                    "done",
                    models.CharField(
                        choices=[
                            ("founded", "founded"),
                            ("changed", "changed"),
                            ("ended", "ended"),
                            ("placed", "a place became its own"),
                            ("unplaced", "a place is its own no longer"),
                            ("secretary", "another secretary"),
                            ("joined", "a member joined"),
                            ("corrected", "a member's record was corrected"),
                            ("reported", "a member registered with a community"),
                            ("left", "a member left"),
                            ("linked", "households were linked"),
                            ("handed", "households were handed over"),
                            ("unlinked", "households are linked no longer"),
                            ("agreed", "a household agreed"),
                            ("refused", "a household refused"),
                            ("erased", "was emptied at the person's request"),
                        ],
                        max_length=10,
                    ),
                ),
                ("about", models.CharField(blank=True, default="", max_length=40)),
                ("many", models.PositiveIntegerField(default=1)),
                (
                    "branch",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="changes",
                        to="huying.branch",
                    ),
                ),
            ],
            options={
                "db_table": "branch_change",
                "ordering": ["-at", "-id"],
                "indexes": [
                    models.Index(models.F("branch"), models.F("at"), name="branch_change_of")
                ],
            },
        ),
        migrations.CreateModel(
            name="BranchPlace",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=huying.audit.identifiers.new_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("district_code", models.CharField(max_length=6)),
                ("since", models.DateField()),
                ("until", models.DateField(null=True)),
                (
                    "branch",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="places",
                        to="huying.branch",
                    ),
                ),
                (
                    "building",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="huying.address",
                    ),
                ),
                (
                    "grid",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="huying.grid",
                    ),
                ),
            ],
            options={
                "db_table": "branch_place",
                "ordering": ["since", "id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("building__isnull", False), ("grid__isnull", True)),
                            models.Q(("building__isnull", True), ("grid__isnull", False)),
                            _connector="OR",
                        ),
                        name="branch_place_a_grid_or_a_building",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("until__isnull", True)),
                        fields=("grid",),
                        name="branch_place_grid_once",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("until__isnull", True)),
                        fields=("building",),
                        name="branch_place_building_once",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Coming",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=huying.audit.identifiers.new_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("district_code", models.CharField(max_length=6)),
                ("comes", models.BooleanField()),
                ("said_at", models.DateTimeField()),
                ("arrived_at", models.DateTimeField(null=True)),
                ("arrived_grid", models.CharField(blank=True, default="", max_length=15)),
                (
                    "arrived_m",
                    models.PositiveIntegerField(help_text="metres from the spot", null=True),
                ),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "call",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="comings",
                        to="huying.call",
                    ),
                ),
            ],
            options={
                "db_table": "coming",
                "ordering": ["said_at", "id"],
                "constraints": [
                    models.UniqueConstraint(fields=("call", "account"), name="coming_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("arrived_at__isnull", True),
                            models.Q(("arrived_at__gte", models.F("said_at")), ("comes", True)),
                            _connector="OR",
                        ),
                        name="coming_arrives_who_comes",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="CadreAssignment",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=huying.audit.identifiers.new_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("district_code", models.CharField(max_length=6)),
                (
                    "times",
                    models.PositiveSmallIntegerField(default=2, verbose_name="visits a month"),
                ),
                ("since", models.DateField(verbose_name="since")),
                ("until", models.DateField(null=True)),
                ("made_by", models.BigIntegerField(null=True)),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="grid_assignments",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "grid",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="cadres",
                        to="huying.grid",
                    ),
                ),
            ],
            options={
                "verbose_name": "cadre of a grid",
                "verbose_name_plural": "cadres of grids",
                "db_table": "cadre_assignment",
                "ordering": ["grid_id", "since", "id"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("until__isnull", True)),
                        fields=("grid", "account"),
                        name="cadre_assignment_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("times__range", (1, 31))),
                        name="cadre_assignment_some_visits",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("until__isnull", True),
                            ("until__gte", models.F("since")),
                            _connector="OR",
                        ),
                        name="cadre_assignment_ends_after_start",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("district_code", django.db.models.functions.text.Left("grid", 6))
                        ),
                        name="cadre_assignment_in_its_district",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="CadreVisit",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=huying.audit.identifiers.new_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("district_code", models.CharField(max_length=6)),
                ("day", models.DateField(verbose_name="day")),
                (
                    "households",
                    models.PositiveSmallIntegerField(default=0, verbose_name="households visited"),
                ),
                ("heard", models.TextField(blank=True, default="")),
                ("settled", models.TextField(blank=True, default="")),
                ("written_at", models.DateTimeField()),
                ("written_by", models.BigIntegerField(null=True)),
                (
                    "assignment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="visits",
                        to="huying.cadreassignment",
                    ),
                ),
            ],
            options={
                "verbose_name": "visit of a cadre",
                "verbose_name_plural": "visits of cadres",
                "db_table": "cadre_visit",
                "ordering": ["-day", "-id"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("assignment", "day"), name="cadre_visit_once_a_day"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="MemberOrganisation",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=huying.audit.identifiers.new_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("district_code", models.CharField(max_length=6)),
                ("area_code", models.CharField(max_length=12)),
                ("name", models.CharField(max_length=60, verbose_name="name")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("office", "government office"),
                            ("enterprise", "enterprise"),
                            ("property", "property company"),
                            ("school", "school"),
                            ("clinic", "hospital or clinic"),
                            ("social", "social organisation"),
                            ("other", "other"),
                        ],
                        max_length=10,
                        verbose_name="kind",
                    ),
                ),
                ("shares", models.JSONField(default=list)),
                ("contact_enc", models.BinaryField(null=True)),
                ("contact_masked", models.CharField(blank=True, default="", max_length=20)),
                ("phone_enc", models.BinaryField(null=True)),
                ("phone_masked", models.CharField(blank=True, default="", max_length=20)),
                ("phone_index", models.BinaryField(null=True)),
                ("since", models.DateField(verbose_name="since")),
                ("until", models.DateField(null=True)),
                ("made_by", models.BigIntegerField(null=True)),
                ("version", models.PositiveIntegerField(default=1)),
                (
                    "branch",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="organisations",
                        to="huying.branch",
                    ),
                ),
            ],
            options={
                "verbose_name": "member organisation",
                "verbose_name_plural": "member organisations",
                "db_table": "member_organisation",
                "ordering": ["area_code", "name", "id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("area_code__regex", "^\\d{12}$"),
                            ("district_code", django.db.models.functions.text.Left("area_code", 6)),
                        ),
                        name="member_organisation_of_a_community",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("name", ""), _negated=True),
                        name="member_organisation_named",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("until__isnull", True),
                            ("until__gte", models.F("since")),
                            _connector="OR",
                        ),
                        name="member_organisation_ends_after_start",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("until__isnull", True)),
                        fields=("area_code", "name"),
                        name="member_organisation_once",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Undertaking",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=huying.audit.identifiers.new_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("district_code", models.CharField(max_length=6)),
                ("area_code", models.CharField(max_length=12)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("team", "teams"),
                            ("platform", "platforms"),
                            ("project", "projects"),
                        ],
                        max_length=8,
                        verbose_name="kind",
                    ),
                ),
                ("name", models.CharField(max_length=60, verbose_name="name")),
                ("about", models.TextField(blank=True, default="")),
                ("outcome", models.TextField(blank=True, default="")),
                ("since", models.DateField(verbose_name="since")),
                ("until", models.DateField(null=True)),
                ("made_by", models.BigIntegerField(null=True)),
                ("version", models.PositiveIntegerField(default=1)),
                (
                    "branch",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="undertakings",
                        to="huying.branch",
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="undertakings",
                        to="huying.memberorganisation",
                    ),
                ),
            ],
            options={
                "verbose_name": "team, platform or project",
                "verbose_name_plural": "teams, platforms and projects",
                "db_table": "undertaking",
                "ordering": ["area_code", "kind", "since", "id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("area_code__regex", "^\\d{12}$"),
                            ("district_code", django.db.models.functions.text.Left("area_code", 6)),
                        ),
                        name="undertaking_of_a_community",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("kind__in", ["team", "platform", "project"]),
                            models.Q(("name", ""), _negated=True),
                        ),
                        name="undertaking_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("until__isnull", True),
                            ("until__gte", models.F("since")),
                            _connector="OR",
                        ),
                        name="undertaking_ends_after_start",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("until__isnull", True)),
                        fields=("area_code", "kind", "name"),
                        name="undertaking_once",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Circle",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=huying.audit.identifiers.new_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("district_code", models.CharField(max_length=6)),
                ("area_code", models.CharField(max_length=12)),
                (
                    "tie",
                    models.CharField(
                        choices=[
                            ("team", "volunteer team"),
                            ("aspiration", "tie of aspiration"),
                            ("interest", "tie of interest"),
                            ("trade", "tie of trade"),
                            ("origin", "tie of origin"),
                            ("building", "tie of the building"),
                        ],
                        max_length=10,
                    ),
                ),
                ("name", models.CharField(max_length=40)),
                ("words", models.CharField(blank=True, default="", max_length=200)),
                ("made_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "made_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "unit",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="circle",
                        to="huying.unit",
                    ),
                ),
            ],
            options={
                "verbose_name": "volunteer team or group",
                "verbose_name_plural": "volunteer teams and groups",
                "db_table": "circle",
                "ordering": ["area_code", "tie", "name"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("area_code__regex", "^\\d{12}$"),
                            ("district_code", django.db.models.functions.text.Left("area_code", 6)),
                        ),
                        name="circle_in_a_community",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("name", ""), _negated=True), name="circle_named"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "tie__in",
                                ["team", "aspiration", "interest", "trade", "origin", "building"],
                            )
                        ),
                        name="circle_tie_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("tie", "team"), ("unit__isnull", False)),
                            models.Q(models.Q(("tie", "team"), _negated=True), ("unit", None)),
                            _connector="OR",
                        ),
                        name="circle_team_is_a_unit",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("ended_at__isnull", True)),
                        fields=("area_code", "name"),
                        name="circle_name_once",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="CircleActivity",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=huying.audit.identifiers.new_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("district_code", models.CharField(max_length=6)),
                ("area_code", models.CharField(max_length=12)),
                ("title", models.CharField(max_length=60)),
                ("words", models.CharField(blank=True, default="", max_length=400)),
                ("spot", models.CharField(max_length=60)),
                ("begins_at", models.DateTimeField()),
                ("ends_at", models.DateTimeField()),
                ("places", models.PositiveSmallIntegerField()),
                ("cancelled_at", models.DateTimeField(null=True)),
                ("made_at", models.DateTimeField()),
                (
                    "circle",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="activities",
                        to="huying.circle",
                    ),
                ),
                (
                    "made_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "activity",
                "verbose_name_plural": "activities",
                "db_table": "circle_activity",
                "ordering": ["begins_at", "id"],
                "indexes": [
                    models.Index(
                        models.F("area_code"), models.F("begins_at"), name="circle_activity_of_area"
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("title", ""), _negated=True),
                        name="circle_activity_titled",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("ends_at__gt", models.F("begins_at"))),
                        name="circle_activity_ends_after_it_begins",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("places__range", (1, 500))),
                        name="circle_activity_places",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="CircleAttendance",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=huying.audit.identifiers.new_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("district_code", models.CharField(max_length=6)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("coming", "signed up"),
                            ("off", "signed off"),
                            ("came", "was there"),
                            ("missed", "was not there"),
                        ],
                        default="coming",
                        max_length=8,
                    ),
                ),
                ("minutes", models.PositiveSmallIntegerField(default=0)),
                ("signed_at", models.DateTimeField()),
                ("confirmed_at", models.DateTimeField(null=True)),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "activity",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="attendances",
                        to="huying.circleactivity",
                    ),
                ),
                (
                    "confirmed_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "attendance",
                "verbose_name_plural": "attendances",
                "db_table": "circle_attendance",
                "ordering": ["signed_at", "id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["coming", "off", "came", "missed"])),
                        name="circle_attendance_state_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("confirmed_by__isnull", False),
                                ("minutes__gte", 1),
                                ("state", "came"),
                            ),
                            models.Q(models.Q(("state", "came"), _negated=True), ("minutes", 0)),
                            _connector="OR",
                        ),
                        name="circle_attendance_counts_when_confirmed",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("confirmed_by__isnull", True),
                            models.Q(("confirmed_by", models.F("account")), _negated=True),
                            _connector="OR",
                        ),
                        name="circle_attendance_not_ones_own",
                    ),
                    models.UniqueConstraint(
                        fields=("activity", "account"), name="circle_attendance_once"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="HoursCertificate",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=huying.audit.identifiers.new_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("district_code", models.CharField(max_length=6)),
                ("number", models.CharField(max_length=30, unique=True)),
                ("code", models.CharField(max_length=16, unique=True)),
                ("year", models.PositiveSmallIntegerField()),
                ("minutes", models.PositiveIntegerField()),
                ("issued_at", models.DateTimeField()),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "circle",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="certificates",
                        to="huying.circle",
                    ),
                ),
            ],
            options={
                "verbose_name": "certificate of hours",
                "verbose_name_plural": "certificates of hours",
                "db_table": "circle_certificate",
                "ordering": ["-issued_at"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("minutes__gte", 1)),
                        name="circle_certificate_some_hours",
                    ),
                    models.UniqueConstraint(
                        fields=("circle", "account", "year", "minutes"),
                        name="circle_certificate_once_for_the_hours",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Joining",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=huying.audit.identifiers.new_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("district_code", models.CharField(max_length=6)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("asked", "waits to be accepted"),
                            ("in", "belongs to it"),
                            ("refused", "not accepted"),
                            ("left", "left"),
                        ],
                        default="asked",
                        max_length=8,
                    ),
                ),
                ("leads", models.BooleanField(default=False)),
                ("asked_at", models.DateTimeField()),
                ("decided_at", models.DateTimeField(null=True)),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "circle",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="joinings",
                        to="huying.circle",
                    ),
                ),
                (
                    "decided_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "sign-up",
                "verbose_name_plural": "sign-ups",
                "db_table": "circle_joining",
                "ordering": ["-leads", "asked_at", "id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["asked", "in", "refused", "left"])),
                        name="circle_joining_state_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("leads", False), ("state", "in"), _connector="OR"),
                        name="circle_joining_lead_is_in",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("state__in", ["asked", "in"])),
                        fields=("circle", "account"),
                        name="circle_joining_once",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="NeighbourStep",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=huying.audit.identifiers.new_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("district_code", models.CharField(max_length=6)),
                ("area_code", models.CharField(max_length=12)),
                ("subject", models.CharField(max_length=24)),
                ("subject_id", models.UUIDField()),
                ("verb", models.CharField(max_length=24)),
                ("at", models.DateTimeField()),
                ("actor_kind", models.CharField(max_length=12)),
                ("actor_id", models.BigIntegerField(null=True)),
                ("post_id", models.BigIntegerField(null=True)),
                ("data", models.JSONField(default=dict)),
            ],
            options={
                "db_table": "neighbour_step",
                "ordering": ["at", "id"],
                "indexes": [
                    models.Index(
                        models.F("subject_id"), models.F("at"), name="neighbour_step_of_subject"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="SuggestionTopic",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=huying.audit.identifiers.new_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("district_code", models.CharField(max_length=6)),
                ("area_code", models.CharField(max_length=12)),
                ("name", models.CharField(max_length=20)),
                ("signs", models.JSONField(default=list)),
                ("place", models.PositiveSmallIntegerField(default=0)),
                ("active", models.BooleanField(default=True)),
            ],
            options={
                "verbose_name": "topic of suggestions",
                "verbose_name_plural": "topics of suggestions",
                "db_table": "suggestion_topic",
                "ordering": ["area_code", "place", "name"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("area_code__regex", "^\\d{12}$"),
                            ("district_code", django.db.models.functions.text.Left("area_code", 6)),
                        ),
                        name="suggestion_topic_in_a_community",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("name", ""), _negated=True),
                        name="suggestion_topic_named",
                    ),
                    models.UniqueConstraint(
                        fields=("area_code", "name"), name="suggestion_topic_once"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Wish",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=huying.audit.identifiers.new_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("district_code", models.CharField(max_length=6)),
                ("area_code", models.CharField(max_length=12)),
                (
                    "sort",
                    models.CharField(
                        choices=[("wish", "wish"), ("project", "project")], max_length=8
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("draft", "to be published"),
                            ("open", "published"),
                            ("done", "done"),
                            ("closed", "closed"),
                        ],
                        default="draft",
                        max_length=8,
                    ),
                ),
                ("title", models.CharField(max_length=60)),
                ("words", models.TextField()),
                ("capacity", models.PositiveSmallIntegerField(default=1)),
                ("claim_by", models.DateField(null=True)),
                ("due_on", models.DateField(null=True)),
                ("stall_days", models.PositiveSmallIntegerField(default=7)),
                ("made_at", models.DateTimeField()),
                ("published_at", models.DateTimeField(null=True)),
                ("ended_at", models.DateTimeField(null=True)),
                ("reason", models.CharField(blank=True, default="", max_length=200)),
                ("version", models.PositiveIntegerField(default=1)),
                (
                    "made_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "wish or project",
                "verbose_name_plural": "wishes and projects",
                "db_table": "wish",
                "ordering": ["-made_at", "-id"],
                "indexes": [
                    models.Index(models.F("area_code"), models.F("state"), name="wish_of_area")
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("area_code__regex", "^\\d{12}$"),
                            ("district_code", django.db.models.functions.text.Left("area_code", 6)),
                        ),
                        name="wish_in_a_community",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("title", ""), _negated=True), name="wish_titled"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("sort__in", ["wish", "project"])),
                        name="wish_sort_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["draft", "open", "done", "closed"])),
                        name="wish_state_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("capacity__range", (1, 200))), name="wish_capacity"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("stall_days__range", (1, 60))), name="wish_stalls"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("state__in", ["draft", "closed"]),
                            ("published_at__isnull", False),
                            _connector="OR",
                        ),
                        name="wish_published_before_it_is_claimed",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("claim_by__isnull", True),
                            ("due_on__isnull", True),
                            ("due_on__gte", models.F("claim_by")),
                            _connector="OR",
                        ),
                        name="wish_due_after_the_claiming",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Suggestion",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=huying.audit.identifiers.new_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("district_code", models.CharField(max_length=6)),
                ("area_code", models.CharField(max_length=12)),
                (
                    "source",
                    models.CharField(
                        choices=[
                            ("public", "public page"),
                            ("desk", "told at the desk"),
                            ("member", "member"),
                        ],
                        max_length=8,
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("new", "to be looked at"),
                            ("adopted", "adopted"),
                            ("done", "carried out"),
                            ("answered", "answered"),
                        ],
                        default="new",
                        max_length=8,
                    ),
                ),
                ("words", models.TextField()),
                ("spot", models.CharField(blank=True, default="", max_length=100)),
                ("phone_enc", models.BinaryField(null=True)),
                ("phone_masked", models.CharField(blank=True, default="", max_length=20)),
                ("phone_index", models.BinaryField(max_length=32, null=True)),
                ("code_hash", models.BinaryField(max_length=32, unique=True)),
                ("form_hash", models.BinaryField(max_length=32, null=True, unique=True)),
                ("said_digest", models.BinaryField(max_length=32)),
                ("collected_at", models.DateTimeField()),
                ("decided_at", models.DateTimeField(null=True)),
                ("answer", models.TextField(blank=True, default="")),
                ("done_at", models.DateTimeField(null=True)),
                ("done_words", models.TextField(blank=True, default="")),
                ("version", models.PositiveIntegerField(default=1)),
                (
                    "account",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "case",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="huying.case",
                    ),
                ),
                (
                    "decided_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "topic",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="suggestions",
                        to="huying.suggestiontopic",
                    ),
                ),
                (
                    "wish",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="suggestions",
                        to="huying.wish",
                    ),
                ),
            ],
            options={
                "verbose_name": "suggestion",
                "verbose_name_plural": "suggestions",
                "db_table": "suggestion",
                "ordering": ["-collected_at", "-id"],
                "indexes": [
                    models.Index(
                        models.F("area_code"),
                        models.F("state"),
                        models.F("collected_at"),
                        name="suggestion_of_area",
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("area_code__regex", "^\\d{12}$"),
                            ("district_code", django.db.models.functions.text.Left("area_code", 6)),
                        ),
                        name="suggestion_in_a_community",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["new", "adopted", "done", "answered"])),
                        name="suggestion_state_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "answered"), _negated=True),
                            models.Q(("answer", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="suggestion_answered_in_words",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("done_at__isnull", False), ("state", "done")),
                            models.Q(
                                models.Q(("state", "done"), _negated=True),
                                ("done_at__isnull", True),
                            ),
                            _connector="OR",
                        ),
                        name="suggestion_done_at_a_time",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("wish__isnull", True), ("case__isnull", True), _connector="OR"
                        ),
                        name="suggestion_becomes_one_thing",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="WishClaim",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=huying.audit.identifiers.new_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("district_code", models.CharField(max_length=6)),
                ("for_unit", models.BooleanField(default=False)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("running", "being done"),
                            ("reported", "result told"),
                            ("done", "approved"),
                            ("stalled", "returned to the list"),
                            ("given_up", "given up"),
                            ("closed", "ended with the wish"),
                        ],
                        default="running",
                        max_length=10,
                    ),
                ),
                ("claimed_at", models.DateTimeField()),
                ("heard_at", models.DateTimeField()),
                ("urged_at", models.DateTimeField(null=True)),
                ("progress", models.TextField(blank=True, default="")),
                ("result", models.TextField(blank=True, default="")),
                ("asked", models.CharField(blank=True, default="", max_length=200)),
                ("reason", models.CharField(blank=True, default="", max_length=200)),
                ("reported_at", models.DateTimeField(null=True)),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="huying.unit",
                    ),
                ),
                (
                    "wish",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="claims",
                        to="huying.wish",
                    ),
                ),
            ],
            options={
                "verbose_name": "claim",
                "verbose_name_plural": "claims",
                "db_table": "wish_claim",
                "ordering": ["-claimed_at", "-id"],
                "indexes": [
                    models.Index(
                        models.F("heard_at"),
                        condition=models.Q(("state", "running")),
                        name="wish_claim_running",
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "state__in",
                                ["running", "reported", "done", "stalled", "given_up", "closed"],
                            )
                        ),
                        name="wish_claim_state_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state__in", ["reported", "done"]), _negated=True),
                            ("reported_at__isnull", False),
                            _connector="OR",
                        ),
                        name="wish_claim_reported",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(
                            ("for_unit", False), ("state__in", ["running", "reported", "done"])
                        ),
                        fields=("wish", "account"),
                        name="wish_claim_once_a_person",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(
                            ("for_unit", True), ("state__in", ["running", "reported", "done"])
                        ),
                        fields=("wish", "unit"),
                        name="wish_claim_once_a_unit",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="NeighbourPhoto",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=huying.audit.identifiers.new_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("district_code", models.CharField(max_length=6)),
                (
                    "stage",
                    models.CharField(
                        choices=[("before", "before"), ("after", "after")], max_length=8
                    ),
                ),
                ("shown", models.BooleanField(default=False)),
                ("at", models.DateTimeField()),
                (
                    "attachment",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="of_neighbours",
                        to="huying.attachment",
                    ),
                ),
                (
                    "suggestion",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="photos",
                        to="huying.suggestion",
                    ),
                ),
                (
                    "claim",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="photos",
                        to="huying.wishclaim",
                    ),
                ),
            ],
            options={
                "db_table": "neighbour_photo",
                "ordering": ["at", "id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("claim__isnull", True), ("suggestion__isnull", False)),
                            models.Q(("claim__isnull", False), ("suggestion__isnull", True)),
                            _connector="OR",
                        ),
                        name="neighbour_photo_of_one_thing",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ClaimRating",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=huying.audit.identifiers.new_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("district_code", models.CharField(max_length=6)),
                (
                    "side",
                    models.CharField(
                        choices=[("resident", "the resident"), ("claimant", "who did it")],
                        max_length=8,
                    ),
                ),
                ("stars", models.PositiveSmallIntegerField()),
                ("words", models.TextField(blank=True, default="")),
                ("at", models.DateTimeField()),
                (
                    "suggestion",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="ratings",
                        to="huying.suggestion",
                    ),
                ),
                (
                    "claim",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="ratings",
                        to="huying.wishclaim",
                    ),
                ),
            ],
            options={
                "verbose_name": "rating",
                "verbose_name_plural": "ratings",
                "db_table": "wish_rating",
                "ordering": ["at", "id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("stars__range", (1, 5))), name="wish_rating_stars"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("side", "resident"), ("suggestion__isnull", False)),
                            models.Q(("side", "claimant"), ("suggestion__isnull", True)),
                            _connector="OR",
                        ),
                        name="wish_rating_of_a_side",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("side", "resident")),
                        fields=("claim", "suggestion"),
                        name="wish_rating_once_a_resident",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("side", "claimant")),
                        fields=("claim",),
                        name="wish_rating_once_a_claimant",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PersonRequest",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=huying.audit.identifiers.new_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("district_code", models.CharField(max_length=6)),
                ("area_code", models.CharField(max_length=12)),
                ("year", models.PositiveSmallIntegerField()),
                ("serial", models.PositiveIntegerField()),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("see", "to see and have a copy (art. 45)"),
                            ("correct", "to correct (art. 46)"),
                            ("delete", "to delete (art. 47)"),
                        ],
                        max_length=8,
                    ),
                ),
                (
                    "known",
                    models.CharField(
                        choices=[
                            ("id_seen", "id card seen at the desk"),
                            ("called_back", "called back on the registered phone"),
                            ("by_name", "a name alone so far"),
                            ("address", "name and address, which fit one alone"),
                            ("born", "name and date of birth, which fit one alone"),
                        ],
                        max_length=12,
                    ),
                ),
                ("name_enc", models.BinaryField()),
                ("name_masked", models.CharField(max_length=20)),
                ("id_number_enc", models.BinaryField(null=True)),
                ("id_number_masked", models.CharField(blank=True, default="", max_length=20)),
                ("id_number_index", models.BinaryField(null=True)),
                ("phone_enc", models.BinaryField(null=True)),
                ("phone_masked", models.CharField(blank=True, default="", max_length=20)),
                ("phone_index", models.BinaryField(null=True)),
                ("words", models.TextField(blank=True, default="")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("open", "to be decided"),
                            ("decided", "decided, to be answered"),
                            ("answered", "answered"),
                        ],
                        default="open",
                        max_length=8,
                    ),
                ),
                ("taken_at", models.DateTimeField()),
                ("due_at", models.DateTimeField()),
                ("decided_at", models.DateTimeField(null=True)),
                ("answered_at", models.DateTimeField(null=True)),
                ("rung", models.PositiveSmallIntegerField(default=0)),
                ("version", models.PositiveIntegerField(default=1)),
                (
                    "taken_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "member",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="huying.partymember",
                    ),
                ),
                ("name_index", models.BinaryField(null=True)),
                (
                    "person",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="huying.person",
                    ),
                ),
            ],
            options={
                "verbose_name": "person's request",
                "verbose_name_plural": "people's requests",
                "db_table": "person_request",
                "ordering": ["-taken_at", "-id"],
                "indexes": [
                    models.Index(
                        models.F("area_code"), models.F("taken_at"), name="person_request_of_desk"
                    ),
                    models.Index(
                        models.F("due_at"),
                        condition=models.Q(("state", "open")),
                        name="person_request_open",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("district_code", "year", "serial"),
                        name="person_request_number_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("district_code", django.db.models.functions.text.Left("area_code", 6))
                        ),
                        name="person_request_in_its_district",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("due_at__gt", models.F("taken_at"))),
                        name="person_request_due_ahead",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("answered_at__isnull", True),
                                ("decided_at__isnull", True),
                                ("state", "open"),
                            ),
                            models.Q(
                                ("answered_at__isnull", True),
                                ("decided_at__isnull", False),
                                ("state", "decided"),
                            ),
                            models.Q(
                                ("answered_at__isnull", False),
                                ("decided_at__isnull", False),
                                ("state", "answered"),
                            ),
                            _connector="OR",
                        ),
                        name="person_request_steps",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("id_number_index__isnull", False),
                            ("phone_index__isnull", False),
                            models.Q(
                                ("known__in", ["by_name", "address", "born"]),
                                ("name_index__isnull", False),
                            ),
                            ("name_enc", b""),
                            _connector="OR",
                        ),
                        name="person_request_by_a_number",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="RequestRecord",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=huying.audit.identifiers.new_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("subject", models.CharField(max_length=12)),
                ("subject_id", models.UUIDField()),
                ("area_code", models.CharField(max_length=15)),
                ("found_at", models.DateTimeField()),
                (
                    "outcome",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("given", "given"),
                            ("corrected", "corrected"),
                            ("erased", "erased"),
                            ("refused", "refused"),
                        ],
                        default="",
                        max_length=10,
                    ),
                ),
                (
                    "reason",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("case_open", "the matter is still being handled"),
                            ("legal_duty", "a law says that it is kept (art. 47)"),
                            ("public_duty", "needed for a legal duty (art. 13, 34)"),
                            ("litigation", "held for a court or an investigation"),
                            ("secret", "secret by law, or it would hinder a duty (art. 18)"),
                            ("others", "it tells of somebody else"),
                            ("not_shown", "not shown to be wrong (art. 46)"),
                            ("impossible", "cannot be changed: the log of events"),
                        ],
                        default="",
                        max_length=12,
                    ),
                ),
                ("decided_at", models.DateTimeField(null=True)),
                (
                    "decided_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "request",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="records",
                        to="huying.personrequest",
                    ),
                ),
                (
                    "taken_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "db_table": "person_request_record",
                "ordering": ["subject", "found_at", "id"],
                "indexes": [
                    models.Index(
                        models.F("subject"), models.F("subject_id"), name="person_request_record_of"
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("request", "subject", "subject_id"),
                        name="person_request_record_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("decided_at__isnull", True),
                                ("decided_by__isnull", True),
                                ("outcome", ""),
                            ),
                            models.Q(
                                models.Q(("outcome", ""), _negated=True),
                                ("decided_at__isnull", False),
                                ("decided_by__isnull", False),
                                models.Q(("decided_by", models.F("taken_by")), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="person_request_record_takes_two",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("outcome", "refused"), models.Q(("reason", ""), _negated=True)
                            ),
                            models.Q(
                                models.Q(("outcome", "refused"), _negated=True), ("reason", "")
                            ),
                            _connector="OR",
                        ),
                        name="person_request_record_refused_for_a_reason",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="RequestStep",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=huying.audit.identifiers.new_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("seq", models.PositiveIntegerField()),
                ("verb", models.CharField(max_length=12)),
                ("at", models.DateTimeField()),
                ("by_account", models.BigIntegerField(null=True)),
                ("role", models.CharField(blank=True, default="", max_length=24)),
                ("data", models.JSONField(default=dict)),
                (
                    "request",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="steps",
                        to="huying.personrequest",
                    ),
                ),
            ],
            options={
                "db_table": "person_request_step",
                "ordering": ["seq"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("request", "seq"), name="person_request_step_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ImportedRecord",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=huying.audit.identifiers.new_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("row", models.PositiveIntegerField()),
                ("seq", models.PositiveIntegerField()),
                ("register", models.CharField(max_length=12)),
                ("record_id", models.UUIDField()),
                ("version", models.PositiveIntegerField()),
                ("before_enc", models.BinaryField(null=True)),
                ("stayed", models.BooleanField(default=False, help_text="could not be taken back")),
                (
                    "file",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="records",
                        to="huying.caseimport",
                    ),
                ),
            ],
            options={
                "db_table": "imported_record",
                "indexes": [
                    models.Index(models.F("file"), models.F("row"), name="imported_record_row"),
                    models.Index(models.F("file"), models.F("seq"), name="imported_record_seq"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("file", "register", "record_id"), name="imported_record_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="SurveyMark",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=huying.audit.identifiers.new_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("value_enc", models.BinaryField()),
                ("value_index", models.BinaryField(max_length=32)),
                (
                    "answers",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="marks",
                        to="huying.surveyanswers",
                    ),
                ),
            ],
            options={
                "db_table": "survey_mark",
                "indexes": [models.Index(models.F("value_index"), name="survey_mark_value")],
            },
        ),
        migrations.CreateModel(
            name="JointStep",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=huying.audit.identifiers.new_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("district_code", models.CharField(max_length=6)),
                ("area_code", models.CharField(max_length=12)),
                ("subject", models.CharField(max_length=24)),
                ("subject_id", models.UUIDField()),
                ("verb", models.CharField(max_length=24)),
                ("at", models.DateTimeField()),
                ("actor_kind", models.CharField(max_length=12)),
                ("actor_id", models.BigIntegerField(null=True)),
                ("post_id", models.BigIntegerField(null=True)),
                ("data", models.JSONField(default=dict)),
            ],
            options={
                "db_table": "joint_step",
                "ordering": ["at", "id"],
                "indexes": [
                    models.Index(
                        models.F("subject_id"), models.F("at"), name="joint_step_of_subject"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="SharedResource",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=huying.audit.identifiers.new_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("district_code", models.CharField(max_length=6)),
                ("area_code", models.CharField(max_length=12)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("hall", "hall or room"),
                            ("parking", "parking"),
                            ("equipment", "equipment"),
                            ("skill", "skill"),
                            ("other", "other"),
                        ],
                        max_length=10,
                    ),
                ),
                ("name", models.CharField(max_length=60)),
                ("spot", models.CharField(blank=True, default="", max_length=100)),
                ("quantity", models.PositiveSmallIntegerField(default=1)),
                ("people", models.PositiveIntegerField(null=True)),
                ("contact", models.CharField(blank=True, default="", max_length=60)),
                ("words", models.CharField(blank=True, default="", max_length=400)),
                ("hours", models.JSONField(default=list)),
                ("made_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
                ("version", models.PositiveIntegerField(default=1)),
                (
                    "made_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="resources",
                        to="huying.memberorganisation",
                    ),
                ),
            ],
            options={
                "verbose_name": "shared resource",
                "verbose_name_plural": "shared resources",
                "db_table": "shared_resource",
                "ordering": ["area_code", "kind", "name", "id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("area_code__regex", "^\\d{12}$"),
                            ("district_code", django.db.models.functions.text.Left("area_code", 6)),
                        ),
                        name="shared_resource_in_a_community",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("name", ""), _negated=True),
                        name="shared_resource_named",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("kind__in", ["hall", "parking", "equipment", "skill", "other"])
                        ),
                        name="shared_resource_kind_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("quantity__range", (1, 999))),
                        name="shared_resource_quantity",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("ended_at__isnull", True)),
                        fields=("organisation", "name"),
                        name="shared_resource_once",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="SharedBooking",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=huying.audit.identifiers.new_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("district_code", models.CharField(max_length=6)),
                ("area_code", models.CharField(max_length=12)),
                ("begins_at", models.DateTimeField()),
                ("ends_at", models.DateTimeField()),
                ("quantity", models.PositiveSmallIntegerField(default=1)),
                ("exclusive", models.BooleanField()),
                ("purpose", models.CharField(max_length=200)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("asked", "to be confirmed"),
                            ("confirmed", "confirmed"),
                            ("refused", "refused"),
                            ("cancelled", "cancelled"),
                            ("returned", "handed back"),
                            ("lapsed", "not confirmed in time"),
                        ],
                        default="asked",
                        max_length=10,
                    ),
                ),
                ("reason", models.CharField(blank=True, default="", max_length=200)),
                ("return_words", models.CharField(blank=True, default="", max_length=400)),
                ("asked_at", models.DateTimeField()),
                ("decided_at", models.DateTimeField(null=True)),
                ("ended_at", models.DateTimeField(null=True)),
                ("version", models.PositiveIntegerField(default=1)),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "decided_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="huying.unit",
                    ),
                ),
                (
                    "resource",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="bookings",
                        to="huying.sharedresource",
                    ),
                ),
            ],
            options={
                "verbose_name": "booking",
                "verbose_name_plural": "bookings",
                "db_table": "shared_booking",
                "ordering": ["begins_at", "id"],
                "indexes": [
                    models.Index(
                        models.F("resource"), models.F("ends_at"), name="shared_booking_of_resource"
                    ),
                    models.Index(
                        models.F("begins_at"),
                        condition=models.Q(("state", "asked")),
                        name="shared_booking_asked",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("area_code__regex", "^\\d{12}$"),
                            ("district_code", django.db.models.functions.text.Left("area_code", 6)),
                        ),
                        name="shared_booking_in_a_community",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("ends_at__gt", models.F("begins_at"))),
                        name="shared_booking_ends_after_it_begins",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("exclusive", True), ("quantity", 1)),
                            models.Q(("exclusive", False), ("quantity__range", (1, 999))),
                            _connector="OR",
                        ),
                        name="shared_booking_quantity",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "state__in",
                                [
                                    "asked",
                                    "confirmed",
                                    "refused",
                                    "cancelled",
                                    "returned",
                                    "lapsed",
                                ],
                            )
                        ),
                        name="shared_booking_state_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state__in", ["confirmed", "refused"]), _negated=True),
                            models.Q(("decided_at__isnull", False), ("decided_by__isnull", False)),
                            _connector="OR",
                        ),
                        name="shared_booking_confirmed_by_somebody",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "refused"), _negated=True),
                            models.Q(("reason", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="shared_booking_refused_with_a_reason",
                    ),
                    django.contrib.postgres.constraints.ExclusionConstraint(
                        condition=models.Q(
                            ("exclusive", True), ("state__in", ["asked", "confirmed"])
                        ),
                        expressions=[
                            ("resource", "="),
                            (
                                models.Func(
                                    models.F("begins_at"),
                                    models.F("ends_at"),
                                    models.Value("[)"),
                                    function="TSTZRANGE",
                                    output_field=django.contrib.postgres.fields.ranges.DateTimeRangeField(),
                                ),
                                "&&",
                            ),
                        ],
                        name="shared_booking_one_at_a_time",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ServicePoint",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=huying.audit.identifiers.new_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("district_code", models.CharField(max_length=6)),
                ("area_code", models.CharField(max_length=12)),
                (
                    "kind",
                    models.CharField(
                        choices=[("service", "service point"), ("canteen", "elder canteen")],
                        default="service",
                        max_length=8,
                    ),
                ),
                ("name", models.CharField(max_length=40)),
                ("spot", models.CharField(max_length=100)),
                ("grid_code", models.CharField(blank=True, default="", max_length=15)),
                ("phone", models.CharField(blank=True, default="", max_length=30)),
                ("words", models.CharField(blank=True, default="", max_length=200)),
                ("week", models.JSONField(default=list)),
                ("keeps_calendar", models.BooleanField(default=True)),
                ("slot_minutes", models.PositiveSmallIntegerField(default=30)),
                ("seats", models.PositiveSmallIntegerField(default=0)),
                ("days_ahead", models.PositiveSmallIntegerField(default=14)),
                ("order", models.PositiveSmallIntegerField(default=0)),
                ("made_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
                ("version", models.PositiveIntegerField(default=1)),
                (
                    "address",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="huying.address",
                    ),
                ),
                (
                    "made_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "service point",
                "verbose_name_plural": "service points",
                "db_table": "service_point",
                "ordering": ["area_code", "kind", "order", "name"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("area_code__regex", "^\\d{9}(\\d{3})?$"),
                            ("district_code", django.db.models.functions.text.Left("area_code", 6)),
                        ),
                        name="service_point_in_an_area",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("name", ""), _negated=True),
                            models.Q(("spot", ""), _negated=True),
                        ),
                        name="service_point_named",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["service", "canteen"])),
                        name="service_point_kind_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("grid_code", ""),
                            ("grid_code__startswith", models.F("area_code")),
                            _connector="OR",
                        ),
                        name="service_point_grid_in_area",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("seats__lte", 20),
                            ("slot_minutes__range", (10, 120)),
                            ("days_ahead__range", (1, 60)),
                        ),
                        name="service_point_slots",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("ended_at__isnull", True)),
                        fields=("area_code", "name"),
                        name="service_point_name_once",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ServiceMatter",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=huying.audit.identifiers.new_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("district_code", models.CharField(max_length=6)),
                ("area_code", models.CharField(max_length=12)),
                ("name", models.CharField(max_length=40)),
                ("bring", models.CharField(blank=True, default="", max_length=300)),
                ("minutes", models.PositiveSmallIntegerField(null=True)),
                (
                    "booking",
                    models.CharField(
                        choices=[
                            ("none", "just come"),
                            ("possible", "come, or book"),
                            ("needed", "by appointment only"),
                        ],
                        default="none",
                        max_length=8,
                    ),
                ),
                ("order", models.PositiveSmallIntegerField(default=0)),
                ("active", models.BooleanField(default=True)),
                (
                    "point",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="matters",
                        to="huying.servicepoint",
                    ),
                ),
            ],
            options={
                "verbose_name": "service matter",
                "verbose_name_plural": "service matters",
                "db_table": "service_matter",
                "ordering": ["order", "name"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("name", ""), _negated=True), name="service_matter_named"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("booking__in", ["none", "possible", "needed"])),
                        name="service_matter_booking_known",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("active", True)),
                        fields=("point", "name"),
                        name="service_matter_once",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ClosedDay",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=huying.audit.identifiers.new_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("district_code", models.CharField(max_length=6)),
                ("area_code", models.CharField(max_length=12)),
                ("day", models.DateField()),
                ("reason", models.CharField(max_length=100)),
                (
                    "point",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="closed_days",
                        to="huying.servicepoint",
                    ),
                ),
            ],
            options={
                "verbose_name": "closed day",
                "verbose_name_plural": "closed days",
                "db_table": "service_closed_day",
                "ordering": ["day"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("reason", ""), _negated=True),
                        name="service_closed_day_reason",
                    ),
                    models.UniqueConstraint(
                        fields=("point", "day"), name="service_closed_day_once"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Appointment",
            fields=[
                ("phone_enc", models.BinaryField(null=True)),
                ("phone_masked", models.CharField(blank=True, default="", max_length=20)),
                ("phone_index", models.BinaryField(max_length=32, null=True)),
                ("code_hash", models.BinaryField(max_length=32, unique=True)),
                ("form_hash", models.BinaryField(max_length=32, null=True, unique=True)),
                ("said_digest", models.BinaryField(max_length=32)),
                ("made_at", models.DateTimeField()),
                ("version", models.PositiveIntegerField(default=1)),
                (
                    "id",
                    models.UUIDField(
                        default=huying.audit.identifiers.new_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("district_code", models.CharField(max_length=6)),
                ("area_code", models.CharField(max_length=12)),
                ("day", models.DateField()),
                ("begins_at", models.DateTimeField()),
                ("ends_at", models.DateTimeField()),
                ("seat", models.PositiveSmallIntegerField()),
                ("number", models.PositiveSmallIntegerField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("booked", "booked"),
                            ("came", "came"),
                            ("missed", "did not come"),
                            ("cancelled", "cancelled"),
                            ("called_off", "called off by the office"),
                        ],
                        default="booked",
                        max_length=10,
                    ),
                ),
                ("reason", models.CharField(blank=True, default="", max_length=100)),
                ("decided_at", models.DateTimeField(null=True)),
                (
                    "account",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "matter",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="huying.servicematter",
                    ),
                ),
                (
                    "point",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="appointments",
                        to="huying.servicepoint",
                    ),
                ),
            ],
            options={
                "verbose_name": "appointment",
                "verbose_name_plural": "appointments",
                "db_table": "service_appointment",
                "ordering": ["begins_at", "number"],
                "indexes": [
                    models.Index(
                        models.F("area_code"), models.F("day"), name="service_appointment_of_area"
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("state__in", ["booked", "came", "missed", "cancelled", "called_off"])
                        ),
                        name="service_appointment_state_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("ends_at__gt", models.F("begins_at"))),
                        name="service_appointment_ends_after_it_begins",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("seat__range", (1, 20))),
                        name="service_appointment_seat",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "called_off"), _negated=True),
                            models.Q(("reason", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="service_appointment_called_off_with_a_reason",
                    ),
                    django.contrib.postgres.constraints.ExclusionConstraint(
                        condition=models.Q(("state__in", ["booked", "came", "missed"])),
                        expressions=[
                            ("point", "="),
                            ("seat", "="),
                            (
                                huying.platforms.models.booking._Window(
                                    "begins_at", "ends_at", models.Value("[)")
                                ),
                                "&&",
                            ),
                        ],
                        name="service_appointment_one_a_seat",
                    ),
                    models.UniqueConstraint(
                        fields=("point", "day", "number"), name="service_appointment_number_once"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="OnlineGuide",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=huying.audit.identifiers.new_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("district_code", models.CharField(max_length=6)),
                ("area_code", models.CharField(max_length=12)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("link", "an address on the web"),
                            ("report", "report something"),
                            ("follow", "follow a report"),
                            ("suggest", "suggest something"),
                        ],
                        max_length=8,
                    ),
                ),
                ("title", models.CharField(max_length=40)),
                ("words", models.CharField(blank=True, default="", max_length=200)),
                ("link", models.CharField(blank=True, default="", max_length=300)),
                ("order", models.PositiveSmallIntegerField(default=0)),
                ("made_at", models.DateTimeField()),
                (
                    "made_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "online service",
                "verbose_name_plural": "online services",
                "db_table": "online_guide",
                "ordering": ["area_code", "order", "made_at"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("area_code__regex", "^\\d{9}(\\d{3})?$"),
                            ("district_code", django.db.models.functions.text.Left("area_code", 6)),
                        ),
                        name="online_guide_in_an_area",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("title", ""), _negated=True), name="online_guide_titled"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("kind", "link"), ("link__regex", "^https?://[^\\s]+$")),
                            models.Q(("kind__in", ["report", "follow", "suggest"]), ("link", "")),
                            _connector="OR",
                        ),
                        name="online_guide_leads_somewhere",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="JointMeeting",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=huying.audit.identifiers.new_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("district_code", models.CharField(max_length=6)),
                ("area_code", models.CharField(max_length=12)),
                ("title", models.CharField(max_length=60)),
                ("begins_at", models.DateTimeField()),
                ("spot", models.CharField(max_length=100)),
                ("chair", models.CharField(max_length=60)),
                ("agenda", models.JSONField(default=list)),
                ("draft", models.TextField(blank=True, default="")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("planned", "called"),
                            ("confirmed", "minutes confirmed"),
                            ("cancelled", "called off"),
                        ],
                        default="planned",
                        max_length=10,
                    ),
                ),
                ("reason", models.CharField(blank=True, default="", max_length=200)),
                ("made_at", models.DateTimeField()),
                ("confirmed_at", models.DateTimeField(null=True)),
                ("version", models.PositiveIntegerField(default=1)),
                (
                    "made_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "joint meeting",
                "verbose_name_plural": "joint meetings",
                "db_table": "joint_meeting",
                "ordering": ["-begins_at", "-id"],
                "indexes": [
                    models.Index(
                        models.F("area_code"), models.F("begins_at"), name="joint_meeting_of_area"
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("area_code__regex", "^(\\d{9}|\\d{12})$"),
                            ("district_code", django.db.models.functions.text.Left("area_code", 6)),
                        ),
                        name="joint_meeting_in_an_area",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("title", ""), _negated=True),
                        name="joint_meeting_titled",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["planned", "confirmed", "cancelled"])),
                        name="joint_meeting_state_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("confirmed_at__isnull", False),
                                ("draft", ""),
                                ("state", "confirmed"),
                            ),
                            models.Q(
                                models.Q(("state", "confirmed"), _negated=True),
                                ("confirmed_at__isnull", True),
                            ),
                            _connector="OR",
                        ),
                        name="joint_meeting_confirmed_at_a_time",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "cancelled"), _negated=True),
                            models.Q(("reason", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="joint_meeting_called_off_with_a_reason",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="JointInvitation",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=huying.audit.identifiers.new_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("district_code", models.CharField(max_length=6)),
                (
                    "attendance",
                    models.CharField(
                        choices=[
                            ("invited", "invited"),
                            ("came", "came"),
                            ("excused", "excused"),
                            ("absent", "absent"),
                        ],
                        default="invited",
                        max_length=8,
                    ),
                ),
                ("who", models.CharField(blank=True, default="", max_length=60)),
                ("words", models.CharField(blank=True, default="", max_length=100)),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="huying.memberorganisation",
                    ),
                ),
                (
                    "meeting",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="invitations",
                        to="huying.jointmeeting",
                    ),
                ),
            ],
            options={
                "db_table": "joint_invitation",
                "ordering": ["organisation__area_code", "organisation__name", "id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("attendance__in", ["invited", "came", "excused", "absent"])
                        ),
                        name="joint_invitation_attendance_known",
                    ),
                    models.UniqueConstraint(
                        fields=("meeting", "organisation"), name="joint_invitation_once"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="JointMinutes",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=huying.audit.identifiers.new_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("district_code", models.CharField(max_length=6)),
                ("correction", models.BooleanField(default=False)),
                ("words", models.TextField()),
                ("at", models.DateTimeField()),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "meeting",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="minutes",
                        to="huying.jointmeeting",
                    ),
                ),
            ],
            options={
                "db_table": "joint_minutes",
                "ordering": ["correction", "at", "id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("words", ""), _negated=True),
                        name="joint_minutes_say_something",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("correction", False)),
                        fields=("meeting",),
                        name="joint_minutes_once",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="JointResolution",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=huying.audit.identifiers.new_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("district_code", models.CharField(max_length=6)),
                ("area_code", models.CharField(max_length=12)),
                ("number", models.PositiveSmallIntegerField()),
                ("words", models.CharField(max_length=300)),
                ("due_on", models.DateField()),
                (
                    "state",
                    models.CharField(
                        choices=[("open", "open"), ("done", "done"), ("dropped", "dropped")],
                        default="open",
                        max_length=8,
                    ),
                ),
                ("told", models.CharField(blank=True, default="", max_length=400)),
                ("told_at", models.DateTimeField(null=True)),
                ("outcome", models.CharField(blank=True, default="", max_length=400)),
                ("ended_at", models.DateTimeField(null=True)),
                ("version", models.PositiveIntegerField(default=1)),
                (
                    "meeting",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="resolutions",
                        to="huying.jointmeeting",
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="huying.memberorganisation",
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="huying.unit",
                    ),
                ),
            ],
            options={
                "verbose_name": "resolution",
                "verbose_name_plural": "resolutions",
                "db_table": "joint_resolution",
                "ordering": ["due_on", "id"],
                "indexes": [
                    models.Index(
                        models.F("due_on"),
                        condition=models.Q(("state", "open")),
                        name="joint_resolution_due",
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("area_code__regex", "^(\\d{9}|\\d{12})$"),
                            ("district_code", django.db.models.functions.text.Left("area_code", 6)),
                        ),
                        name="joint_resolution_in_an_area",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("words", ""), _negated=True),
                        name="joint_resolution_says_something",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("organisation__isnull", True), ("unit__isnull", False)),
                            models.Q(("organisation__isnull", False), ("unit__isnull", True)),
                            _connector="OR",
                        ),
                        name="joint_resolution_one_answers_for_it",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["open", "done", "dropped"])),
                        name="joint_resolution_state_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("ended_at__isnull", True), ("outcome", ""), ("state", "open")
                            ),
                            models.Q(
                                models.Q(("state", "open"), _negated=True),
                                ("ended_at__isnull", False),
                                models.Q(("outcome", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="joint_resolution_ends_with_words",
                    ),
                    models.UniqueConstraint(
                        fields=("meeting", "number"), name="joint_resolution_numbered"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="JointFollowUp",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=huying.audit.identifiers.new_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("district_code", models.CharField(max_length=6)),
                ("words", models.CharField(max_length=300)),
                ("at", models.DateTimeField()),
                (
                    "meeting",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="follow_ups",
                        to="huying.jointmeeting",
                    ),
                ),
                (
                    "resolution",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="follow_ups",
                        to="huying.jointresolution",
                    ),
                ),
            ],
            options={
                "db_table": "joint_follow_up",
                "ordering": ["at", "id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("words", ""), _negated=True),
                        name="joint_follow_up_says_something",
                    ),
                    models.UniqueConstraint(
                        fields=("resolution", "meeting"), name="joint_follow_up_once"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="JointNeed",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=huying.audit.identifiers.new_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("district_code", models.CharField(max_length=6)),
                ("area_code", models.CharField(max_length=12)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("hall", "hall or room"),
                            ("parking", "parking"),
                            ("equipment", "equipment"),
                            ("skill", "skill"),
                            ("other", "other"),
                        ],
                        max_length=10,
                    ),
                ),
                ("title", models.CharField(max_length=60)),
                ("words", models.CharField(blank=True, default="", max_length=400)),
                ("wanted_by", models.DateField(null=True)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("open", "open"),
                            ("matched", "in a project"),
                            ("met", "met"),
                            ("dropped", "dropped"),
                        ],
                        default="open",
                        max_length=8,
                    ),
                ),
                ("outcome", models.CharField(blank=True, default="", max_length=200)),
                ("made_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
                ("version", models.PositiveIntegerField(default=1)),
                (
                    "made_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "suggestion",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="huying.suggestion",
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="huying.unit",
                    ),
                ),
                (
                    "wish",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="huying.wish",
                    ),
                ),
            ],
            options={
                "verbose_name": "need",
                "verbose_name_plural": "needs",
                "db_table": "joint_need",
                "ordering": ["-made_at", "-id"],
                "indexes": [
                    models.Index(
                        models.F("area_code"), models.F("state"), name="joint_need_of_area"
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("area_code__regex", "^\\d{12}$"),
                            ("district_code", django.db.models.functions.text.Left("area_code", 6)),
                        ),
                        name="joint_need_in_a_community",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("title", ""), _negated=True), name="joint_need_titled"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("kind__in", ["hall", "parking", "equipment", "skill", "other"])
                        ),
                        name="joint_need_kind_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("suggestion__isnull", True), ("wish__isnull", True), _connector="OR"
                        ),
                        name="joint_need_of_one_source",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("ended_at__isnull", True), ("state__in", ["open", "matched"])
                            ),
                            models.Q(
                                ("ended_at__isnull", False),
                                ("state__in", ["met", "dropped"]),
                                models.Q(("outcome", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="joint_need_ends_with_words",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="JointProject",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=huying.audit.identifiers.new_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("district_code", models.CharField(max_length=6)),
                ("area_code", models.CharField(max_length=12)),
                ("title", models.CharField(max_length=60)),
                ("words", models.CharField(max_length=1000)),
                (
                    "state",
                    models.CharField(
                        choices=[("running", "running"), ("done", "done"), ("dropped", "dropped")],
                        default="running",
                        max_length=8,
                    ),
                ),
                ("outcome", models.CharField(blank=True, default="", max_length=1000)),
                ("published_at", models.DateTimeField(null=True)),
                ("made_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
                ("version", models.PositiveIntegerField(default=1)),
                (
                    "made_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="huying.memberorganisation",
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="huying.unit",
                    ),
                ),
                (
                    "wish",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="joint_project",
                        to="huying.wish",
                    ),
                ),
            ],
            options={
                "verbose_name": "joint project",
                "verbose_name_plural": "joint projects",
                "db_table": "joint_project",
                "ordering": ["-made_at", "-id"],
                "indexes": [
                    models.Index(
                        models.F("area_code"), models.F("state"), name="joint_project_of_area"
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("area_code__regex", "^\\d{12}$"),
                            ("district_code", django.db.models.functions.text.Left("area_code", 6)),
                        ),
                        name="joint_project_in_a_community",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("title", ""), _negated=True),
                            models.Q(("words", ""), _negated=True),
                        ),
                        name="joint_project_says_what",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("organisation__isnull", True), ("unit__isnull", False)),
                            models.Q(("organisation__isnull", False), ("unit__isnull", True)),
                            _connector="OR",
                        ),
                        name="joint_project_one_leads",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("ended_at__isnull", True), ("outcome", ""), ("state", "running")
                            ),
                            models.Q(
                                ("ended_at__isnull", False),
                                ("state__in", ["done", "dropped"]),
                                models.Q(("outcome", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="joint_project_ends_with_words",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="JointPart",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=huying.audit.identifiers.new_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("district_code", models.CharField(max_length=6)),
                (
                    "need",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="parts",
                        to="huying.jointneed",
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="huying.memberorganisation",
                    ),
                ),
                (
                    "resource",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="parts",
                        to="huying.sharedresource",
                    ),
                ),
                (
                    "project",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="parts",
                        to="huying.jointproject",
                    ),
                ),
            ],
            options={
                "db_table": "joint_part",
                "ordering": ["id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("need__isnull", False),
                                ("organisation__isnull", True),
                                ("resource__isnull", True),
                            ),
                            models.Q(
                                ("need__isnull", True),
                                ("organisation__isnull", True),
                                ("resource__isnull", False),
                            ),
                            models.Q(
                                ("need__isnull", True),
                                ("organisation__isnull", False),
                                ("resource__isnull", True),
                            ),
                            _connector="OR",
                        ),
                        name="joint_part_one_thing",
                    ),
                    models.UniqueConstraint(fields=("need",), name="joint_part_need_once"),
                    models.UniqueConstraint(
                        fields=("project", "resource"), name="joint_part_resource_once"
                    ),
                    models.UniqueConstraint(
                        fields=("project", "organisation"), name="joint_part_organisation_once"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="JointMilestone",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=huying.audit.identifiers.new_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("district_code", models.CharField(max_length=6)),
                ("title", models.CharField(max_length=60)),
                ("due_on", models.DateField()),
                ("reached_on", models.DateField(null=True)),
                (
                    "project",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="milestones",
                        to="huying.jointproject",
                    ),
                ),
            ],
            options={
                "db_table": "joint_milestone",
                "ordering": ["due_on", "id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("title", ""), _negated=True),
                        name="joint_milestone_titled",
                    ),
                    models.UniqueConstraint(
                        fields=("project", "title"), name="joint_milestone_once"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="JointWord",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=huying.audit.identifiers.new_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("district_code", models.CharField(max_length=6)),
                ("words", models.CharField(max_length=400)),
                ("at", models.DateTimeField()),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "project",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="progress",
                        to="huying.jointproject",
                    ),
                ),
            ],
            options={
                "db_table": "joint_word",
                "ordering": ["-at", "-id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("words", ""), _negated=True),
                        name="joint_word_says_something",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="CanteenDay",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=huying.audit.identifiers.new_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("district_code", models.CharField(max_length=6)),
                ("area_code", models.CharField(max_length=12)),
                ("day", models.DateField()),
                ("menu", models.CharField(max_length=300)),
                ("meals", models.PositiveSmallIntegerField()),
                ("taken", models.PositiveSmallIntegerField(default=0)),
                ("order_until", models.DateTimeField()),
                ("closed_at", models.DateTimeField(null=True)),
                ("reason", models.CharField(blank=True, default="", max_length=100)),
                ("made_at", models.DateTimeField()),
                ("version", models.PositiveIntegerField(default=1)),
                (
                    "made_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "point",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="canteen_days",
                        to="huying.servicepoint",
                    ),
                ),
            ],
            options={
                "verbose_name": "canteen day",
                "verbose_name_plural": "canteen days",
                "db_table": "canteen_day",
                "ordering": ["day"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("menu", ""), _negated=True), name="canteen_day_menu"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("meals__range", (1, 1000)), ("taken__lte", models.F("meals"))
                        ),
                        name="canteen_day_meals",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("closed_at__isnull", True),
                            models.Q(("reason", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="canteen_day_closed_with_a_reason",
                    ),
                    models.UniqueConstraint(fields=("point", "day"), name="canteen_day_once"),
                ],
            },
        ),
        migrations.CreateModel(
            name="MealOrder",
            fields=[
                ("phone_enc", models.BinaryField(null=True)),
                ("phone_masked", models.CharField(blank=True, default="", max_length=20)),
                ("phone_index", models.BinaryField(max_length=32, null=True)),
                ("code_hash", models.BinaryField(max_length=32, unique=True)),
                ("form_hash", models.BinaryField(max_length=32, null=True, unique=True)),
                ("said_digest", models.BinaryField(max_length=32)),
                ("made_at", models.DateTimeField()),
                ("version", models.PositiveIntegerField(default=1)),
                (
                    "id",
                    models.UUIDField(
                        default=huying.audit.identifiers.new_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("district_code", models.CharField(max_length=6)),
                ("area_code", models.CharField(max_length=12)),
                ("day", models.DateField()),
                ("number", models.PositiveSmallIntegerField()),
                ("meals", models.PositiveSmallIntegerField()),
                (
                    "way",
                    models.CharField(
                        choices=[
                            ("eat_in", "eats there"),
                            ("pick_up", "takes it away"),
                            ("deliver", "is brought it"),
                        ],
                        max_length=8,
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("ordered", "ordered"),
                            ("collected", "handed over"),
                            ("delivered", "delivered"),
                            ("missed", "not collected"),
                            ("cancelled", "cancelled"),
                        ],
                        default="ordered",
                        max_length=10,
                    ),
                ),
                ("name_enc", models.BinaryField(null=True)),
                ("name_masked", models.CharField(blank=True, default="", max_length=20)),
                ("where_enc", models.BinaryField(null=True)),
                ("decided_at", models.DateTimeField(null=True)),
                (
                    "account",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "canteen",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="orders",
                        to="huying.canteenday",
                    ),
                ),
            ],
            options={
                "verbose_name": "order of meals",
                "verbose_name_plural": "orders of meals",
                "db_table": "meal_order",
                "ordering": ["number"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "state__in",
                                ["ordered", "collected", "delivered", "missed", "cancelled"],
                            )
                        ),
                        name="meal_order_state_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("way__in", ["eat_in", "pick_up", "deliver"])),
                        name="meal_order_way_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("meals__range", (1, 4))), name="meal_order_meals"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "delivered"), _negated=True),
                            ("way", "deliver"),
                            _connector="OR",
                        ),
                        name="meal_order_handed_over_as_ordered",
                    ),
                    models.UniqueConstraint(
                        fields=("canteen", "number"), name="meal_order_number_once"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PlatformActivity",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=huying.audit.identifiers.new_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("district_code", models.CharField(max_length=6)),
                ("area_code", models.CharField(max_length=12)),
                ("title", models.CharField(max_length=60)),
                ("words", models.CharField(blank=True, default="", max_length=400)),
                ("spot", models.CharField(max_length=60)),
                ("begins_at", models.DateTimeField()),
                ("ends_at", models.DateTimeField()),
                ("sign_up_until", models.DateTimeField()),
                ("capacity", models.PositiveSmallIntegerField()),
                ("taken", models.PositiveSmallIntegerField(default=0)),
                ("cancelled_at", models.DateTimeField(null=True)),
                ("reason", models.CharField(blank=True, default="", max_length=100)),
                ("walk_ins", models.PositiveSmallIntegerField(default=0)),
                ("attended_at", models.DateTimeField(null=True)),
                ("made_at", models.DateTimeField()),
                ("version", models.PositiveIntegerField(default=1)),
                (
                    "made_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "activity of a community",
                "verbose_name_plural": "activities of communities",
                "db_table": "platform_activity",
                "ordering": ["begins_at", "id"],
                "indexes": [
                    models.Index(
                        models.F("area_code"),
                        models.F("begins_at"),
                        name="platform_activity_of_area",
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("area_code__regex", "^\\d{9}(\\d{3})?$"),
                            ("district_code", django.db.models.functions.text.Left("area_code", 6)),
                        ),
                        name="platform_activity_in_an_area",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("title", ""), _negated=True),
                        name="platform_activity_titled",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("ends_at__gt", models.F("begins_at")),
                            ("sign_up_until__lte", models.F("begins_at")),
                        ),
                        name="platform_activity_times",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("capacity__range", (1, 1000)), ("taken__lte", models.F("capacity"))
                        ),
                        name="platform_activity_places",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("cancelled_at__isnull", True),
                            models.Q(("reason", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="platform_activity_cancelled_with_a_reason",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ActivitySignUp",
            fields=[
                ("phone_enc", models.BinaryField(null=True)),
                ("phone_masked", models.CharField(blank=True, default="", max_length=20)),
                ("phone_index", models.BinaryField(max_length=32, null=True)),
                ("code_hash", models.BinaryField(max_length=32, unique=True)),
                ("form_hash", models.BinaryField(max_length=32, null=True, unique=True)),
                ("said_digest", models.BinaryField(max_length=32)),
                ("made_at", models.DateTimeField()),
                ("version", models.PositiveIntegerField(default=1)),
                (
                    "id",
                    models.UUIDField(
                        default=huying.audit.identifiers.new_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("district_code", models.CharField(max_length=6)),
                ("area_code", models.CharField(max_length=12)),
                ("day", models.DateField()),
                ("number", models.PositiveSmallIntegerField()),
                ("people", models.PositiveSmallIntegerField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("in", "has a place"),
                            ("waiting", "on the waiting list"),
                            ("off", "cancelled"),
                        ],
                        max_length=8,
                    ),
                ),
                ("moved_up_at", models.DateTimeField(null=True)),
                ("came", models.PositiveSmallIntegerField(null=True)),
                (
                    "account",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "activity",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="sign_ups",
                        to="huying.platformactivity",
                    ),
                ),
            ],
            options={
                "verbose_name": "sign-up for an activity",
                "verbose_name_plural": "sign-ups for activities",
                "db_table": "activity_sign_up",
                "ordering": ["number"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["in", "waiting", "off"])),
                        name="activity_sign_up_state_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("people__range", (1, 5))),
                        name="activity_sign_up_people",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("came__isnull", True),
                            models.Q(("came__lte", models.F("people")), ("state", "in")),
                            _connector="OR",
                        ),
                        name="activity_sign_up_came",
                    ),
                    models.UniqueConstraint(
                        fields=("activity", "number"), name="activity_sign_up_number_once"
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(
                            ("phone_index__isnull", False), ("state__in", ["in", "waiting"])
                        ),
                        fields=("activity", "phone_index"),
                        name="activity_sign_up_phone_once",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="WallScreen",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("name", models.CharField(max_length=60, verbose_name="name of the screen")),
                ("district_code", models.CharField(max_length=6)),
                ("area_code", models.CharField(max_length=12, verbose_name="area")),
                ("digest", models.BinaryField(max_length=32, unique=True)),
                ("hint", models.CharField(max_length=8, verbose_name="begins with")),
                ("made_at", models.DateTimeField(verbose_name="made at")),
                ("expires_at", models.DateTimeField(verbose_name="expires at")),
                (
                    "revoked_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="revoked at"),
                ),
                ("seen_on", models.DateField(blank=True, null=True, verbose_name="last used on")),
            ],
            options={
                "verbose_name": "wall screen",
                "verbose_name_plural": "wall screens",
                "db_table": "wall_screen",
                "ordering": ["area_code", "id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("expires_at__gt", models.F("made_at"))),
                        name="wall_screen_expires_after_making",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("district_code", django.db.models.functions.text.Left("area_code", 6))
                        ),
                        name="wall_screen_in_district",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="CountedCase",
            fields=[
                ("case_id", models.UUIDField(primary_key=True, serialize=False)),
                ("district_code", models.CharField(max_length=6)),
                (
                    "seq",
                    models.PositiveIntegerField(help_text="of the last event that was counted"),
                ),
                ("day", models.DateField(help_text="on which the case was received")),
                ("area_code", models.CharField(max_length=15)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("reported", "awaiting acceptance"),
                            ("accepted", "awaiting dispatch"),
                            ("dispatched", "awaiting sign-for"),
                            ("handling", "being handled"),
                            ("handled", "awaiting check"),
                            ("checked", "awaiting closure"),
                            ("closed", "closed"),
                            ("declined", "declined"),
                            ("merged", "merged"),
                            ("withdrawn", "withdrawn"),
                        ],
                        max_length=10,
                    ),
                ),
            ],
            options={
                "db_table": "counted_case",
            },
        ),
        migrations.CreateModel(
            name="OpenCase",
            fields=[
                ("case_id", models.UUIDField(primary_key=True, serialize=False)),
                ("district_code", models.CharField(max_length=6)),
                ("area_code", models.CharField(max_length=15)),
                ("holder_code", models.CharField(max_length=12)),
                ("unit_id", models.BigIntegerField(null=True)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("reported", "awaiting acceptance"),
                            ("accepted", "awaiting dispatch"),
                            ("dispatched", "awaiting sign-for"),
                            ("handling", "being handled"),
                            ("handled", "awaiting check"),
                            ("checked", "awaiting closure"),
                            ("closed", "closed"),
                            ("declined", "declined"),
                            ("merged", "merged"),
                            ("withdrawn", "withdrawn"),
                        ],
                        max_length=10,
                    ),
                ),
                ("due_at", models.DateTimeField(null=True)),
                ("yellow_at", models.DateTimeField(null=True)),
                ("suspended", models.BooleanField()),
            ],
            options={
                "db_table": "open_case",
            },
        ),
        migrations.CreateModel(
            name="RolledState",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "level",
                        "day",
                        "area",
                        "state",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("level", models.PositiveSmallIntegerField(help_text="digits of the area's code")),
                ("day", models.DateField()),
                ("area", models.CharField(max_length=15)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("reported", "awaiting acceptance"),
                            ("accepted", "awaiting dispatch"),
                            ("dispatched", "awaiting sign-for"),
                            ("handling", "being handled"),
                            ("handled", "awaiting check"),
                            ("checked", "awaiting closure"),
                            ("closed", "closed"),
                            ("declined", "declined"),
                            ("merged", "merged"),
                            ("withdrawn", "withdrawn"),
                        ],
                        max_length=10,
                    ),
                ),
                ("n", models.IntegerField()),
            ],
            options={
                "db_table": "rolled_state",
            },
        ),
        migrations.CreateModel(
            name="RolledTally",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "by",
                        "area",
                        "tally",
                        "day",
                        "subject",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("by", models.CharField(max_length=9)),
                ("area", models.CharField(max_length=15)),
                ("tally", models.CharField(max_length=24)),
                ("day", models.DateField()),
                ("subject", models.CharField(max_length=20)),
                ("n", models.IntegerField()),
            ],
            options={
                "db_table": "rolled_tally",
            },
        ),
        migrations.CreateModel(
            name="ClosedPeriod",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=huying.audit.identifiers.new_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("district_code", models.CharField(max_length=6)),
                (
                    "kind",
                    models.CharField(choices=[("month", "month"), ("week", "week")], max_length=5),
                ),
                ("first", models.DateField()),
                ("last", models.DateField()),
                ("as_of", models.DateTimeField()),
                ("closed_at", models.DateTimeField()),
            ],
            options={
                "db_table": "closed_period",
                "ordering": ["-first", "kind"],
                "constraints": [
                    models.UniqueConstraint(
                        models.F("district_code"),
                        models.F("first"),
                        models.F("last"),
                        name="closed_period_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("first__lte", models.F("last")), ("as_of__lte", models.F("closed_at"))
                        ),
                        name="closed_period_is_over",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ClosedFigure",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "period",
                        "by",
                        "area",
                        "tally",
                        "subject",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("by", models.CharField(max_length=9)),
                ("area", models.CharField(max_length=15)),
                ("tally", models.CharField(max_length=24)),
                ("subject", models.CharField(max_length=20)),
                ("n", models.IntegerField()),
                (
                    "period",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="figures",
                        to="huying.closedperiod",
                    ),
                ),
            ],
            options={
                "db_table": "closed_figure",
            },
        ),
        migrations.CreateModel(
            name="RolledCursor",
            fields=[
                (
                    "id",
                    models.PositiveSmallIntegerField(default=1, primary_key=True, serialize=False),
                ),
                ("xid", models.BigIntegerField()),
                ("system", models.CharField(max_length=24)),
                ("ripe_until", models.DateTimeField()),
                ("sweep_after", models.UUIDField(null=True)),
                ("sweep_since", models.DateTimeField(null=True)),
            ],
            options={
                "db_table": "rolled_cursor",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("id", 1)), name="rolled_cursor_is_one"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="TallyFact",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "case_id",
                        "number",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("case_id", models.UUIDField()),
                ("number", models.PositiveSmallIntegerField()),
                ("district_code", models.CharField(max_length=6)),
                ("seq", models.PositiveIntegerField()),
                (
                    "tallies",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=24), size=None
                    ),
                ),
                ("day", models.DateField()),
                ("due", models.DateTimeField(null=True)),
                ("from_at", models.DateTimeField()),
                ("until_at", models.DateTimeField(null=True)),
                ("area_code", models.CharField(max_length=15)),
                ("holder_code", models.CharField(max_length=12)),
                ("item_code", models.CharField(max_length=4)),
                ("channel", models.CharField(max_length=10)),
                ("kind", models.CharField(max_length=10)),
                ("unit_id", models.BigIntegerField(null=True)),
                ("account_id", models.BigIntegerField(null=True)),
                ("reporter_id", models.BigIntegerField(null=True)),
            ],
            options={
                "db_table": "tally_fact",
                "indexes": [
                    models.Index(
                        django.db.models.functions.text.Left("area_code", 12),
                        models.F("day"),
                        name="tally_fact_there",
                    ),
                    models.Index(models.F("from_at"), name="tally_fact_from"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("until_at", None),
                            ("until_at__gt", models.F("from_at")),
                            _connector="OR",
                        ),
                        name="tally_fact_holds_for_a_time",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Unusual",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=huying.audit.identifiers.new_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("district_code", models.CharField(max_length=6)),
                ("area_code", models.CharField(max_length=15)),
                ("guard", models.CharField(max_length=10)),
                ("key", models.CharField(max_length=120, unique=True)),
                ("day", models.DateField()),
                ("numbers", models.JSONField(default=dict)),
                ("found_at", models.DateTimeField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("new", "to be looked at"),
                            ("confirmed", "confirmed"),
                            ("dismissed", "in order"),
                        ],
                        default="new",
                        max_length=9,
                    ),
                ),
                ("decided_at", models.DateTimeField(null=True)),
                ("words", models.TextField(blank=True, default="")),
                ("version", models.PositiveIntegerField(default=1)),
                (
                    "account",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "decided_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="huying.unit",
                    ),
                ),
            ],
            options={
                "db_table": "unusual",
                "ordering": ["-day", "-found_at", "-id"],
                "indexes": [
                    models.Index(
                        models.F("area_code"),
                        condition=models.Q(("state", "new")),
                        name="unusual_to_look_at",
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("decided_at", None), ("decided_by", None), ("state", "new")),
                            models.Q(
                                ("decided_at__isnull", False),
                                ("decided_by__isnull", False),
                                ("state__in", ["confirmed", "dismissed"]),
                            ),
                            _connector="OR",
                        ),
                        name="unusual_decided_by_a_person",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("account", None),
                            ("decided_by", None),
                            models.Q(("decided_by", models.F("account")), _negated=True),
                            _connector="OR",
                        ),
                        name="unusual_not_decided_by_whose_it_is",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ScoreVeto",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=huying.audit.identifiers.new_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("district_code", models.CharField(max_length=6)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("worker", "Grid workers"),
                            ("dispatcher", "Dispatchers"),
                            ("desk", "Command centres"),
                            ("unit", "Departments and teams"),
                            ("community", "Communities"),
                            ("town", "Towns"),
                            ("branch", "Party branches"),
                        ],
                        max_length=12,
                    ),
                ),
                ("subject", models.CharField(max_length=20)),
                ("area_code", models.CharField(max_length=15)),
                ("month", models.DateField()),
                ("ground", models.CharField(max_length=20)),
                ("words", models.CharField(max_length=500)),
                (
                    "cases",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.UUIDField(), blank=True, default=list, size=None
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("proposed", "to be decided"),
                            ("approved", "in force"),
                            ("refused", "not agreed to"),
                            ("withdrawn", "withdrawn"),
                            ("lifted", "lifted"),
                        ],
                        default="proposed",
                        max_length=10,
                    ),
                ),
                ("proposed_at", models.DateTimeField()),
                ("decided_at", models.DateTimeField(null=True)),
                ("answer", models.CharField(blank=True, default="", max_length=200)),
                ("lifted_at", models.DateTimeField(null=True)),
                ("lifted_why", models.CharField(blank=True, default="", max_length=200)),
                (
                    "decided_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "lifted_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "proposed_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "db_table": "score_veto",
                "ordering": ["-proposed_at", "-id"],
                "indexes": [
                    models.Index(
                        models.F("district_code"), models.F("month"), name="score_veto_of_month"
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state__in", ["proposed", "approved"])),
                        fields=("kind", "subject", "month"),
                        name="score_veto_one_a_month",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("state__in", ["proposed", "withdrawn"]),
                            models.Q(
                                ("decided_at__isnull", False),
                                ("decided_by__isnull", False),
                                models.Q(("decided_by", models.F("proposed_by")), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="score_veto_takes_two",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("words", ""), _negated=True), ("month__day", 1)
                        ),
                        name="score_veto_says_why",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("lifted_at__isnull", True),
                                ("lifted_why", ""),
                                models.Q(("state", "lifted"), _negated=True),
                            ),
                            models.Q(
                                ("lifted_at__isnull", False),
                                ("state", "lifted"),
                                models.Q(("lifted_why", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="score_veto_lifted_with_a_reason",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Appeal",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=huying.audit.identifiers.new_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("district_code", models.CharField(max_length=6)),
                ("area_code", models.CharField(max_length=15)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("fact", "a counted fact"),
                            ("veto", "a veto"),
                            ("finding", "a confirmed finding"),
                        ],
                        default="fact",
                        max_length=8,
                    ),
                ),
                ("charge", models.CharField(max_length=12)),
                ("seq", models.PositiveIntegerField()),
                ("called_unit", models.BigIntegerField(default=0)),
                (
                    "tallies",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=24), size=None
                    ),
                ),
                ("day", models.DateField()),
                ("against_desk", models.CharField(blank=True, default="", max_length=12)),
                ("words", models.TextField()),
                ("filed_at", models.DateTimeField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("open", "to be decided"),
                            ("granted", "granted"),
                            ("rejected", "rejected"),
                        ],
                        default="open",
                        max_length=8,
                    ),
                ),
                ("first_says", models.BooleanField(null=True)),
                ("first_words", models.TextField(blank=True, default="")),
                ("first_at", models.DateTimeField(null=True)),
                ("second_says", models.BooleanField(null=True)),
                ("second_words", models.TextField(blank=True, default="")),
                ("second_at", models.DateTimeField(null=True)),
                ("third_says", models.BooleanField(null=True)),
                ("third_words", models.TextField(blank=True, default="")),
                ("third_at", models.DateTimeField(null=True)),
                ("decided_at", models.DateTimeField(null=True)),
                ("version", models.PositiveIntegerField(default=1)),
                (
                    "against_unit",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="huying.unit",
                    ),
                ),
                (
                    "case",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="appeals",
                        to="huying.case",
                    ),
                ),
                (
                    "filed_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "filed_unit",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="huying.unit",
                    ),
                ),
                (
                    "first_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "second_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "third_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "finding",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="appeals",
                        to="huying.unusual",
                    ),
                ),
                (
                    "veto",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="appeals",
                        to="huying.scoreveto",
                    ),
                ),
            ],
            options={
                "db_table": "appeal",
                "ordering": ["-filed_at", "-id"],
                "indexes": [
                    models.Index(
                        models.F("area_code"),
                        condition=models.Q(("state", "open")),
                        name="appeal_to_decide",
                    ),
                    models.Index(
                        models.F("filed_by"), models.F("filed_at"), name="appeal_of_account"
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("case", "seq", "charge", "called_unit"), name="appeal_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("first_by", None),
                                models.Q(("first_by", models.F("filed_by")), _negated=True),
                                _connector="OR",
                            ),
                            models.Q(
                                ("second_by", None),
                                models.Q(("second_by", models.F("filed_by")), _negated=True),
                                _connector="OR",
                            ),
                            models.Q(
                                ("third_by", None),
                                models.Q(("third_by", models.F("filed_by")), _negated=True),
                                _connector="OR",
                            ),
                        ),
                        name="appeal_not_reviewed_by_who_filed_it",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("second_by", None),
                                models.Q(("second_by", models.F("first_by")), _negated=True),
                                _connector="OR",
                            ),
                            models.Q(
                                ("third_by", None),
                                models.Q(
                                    models.Q(("third_by", models.F("first_by")), _negated=True),
                                    models.Q(("third_by", models.F("second_by")), _negated=True),
                                ),
                                _connector="OR",
                            ),
                        ),
                        name="appeal_reviewed_by_others_each_time",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                models.Q(
                                    ("first_by", None), ("first_says", None), ("second_by", None)
                                ),
                                models.Q(
                                    ("first_by__isnull", False), ("first_says__isnull", False)
                                ),
                                _connector="OR",
                            ),
                            models.Q(
                                models.Q(
                                    ("second_by", None), ("second_says", None), ("third_by", None)
                                ),
                                models.Q(
                                    ("second_by__isnull", False), ("second_says__isnull", False)
                                ),
                                _connector="OR",
                            ),
                        ),
                        name="appeal_reviews_in_order",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("third_by", None), ("third_says", None)),
                            models.Q(
                                ("second_by__isnull", False),
                                ("third_by__isnull", False),
                                ("third_says__isnull", False),
                                models.Q(
                                    models.Q(("first_says", True), ("second_says", False)),
                                    models.Q(("first_says", False), ("second_says", True)),
                                    _connector="OR",
                                ),
                            ),
                            _connector="OR",
                        ),
                        name="appeal_third_only_where_two_differ",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("decided_at", None), ("state", "open")),
                            models.Q(
                                ("decided_at__isnull", False),
                                ("second_by__isnull", False),
                                models.Q(
                                    models.Q(
                                        ("first_says", True),
                                        ("second_says", True),
                                        ("state", "granted"),
                                        ("third_by", None),
                                    ),
                                    models.Q(
                                        ("first_says", False),
                                        ("second_says", False),
                                        ("state", "rejected"),
                                        ("third_by", None),
                                    ),
                                    models.Q(
                                        ("state", "granted"),
                                        ("third_by__isnull", False),
                                        ("third_says", True),
                                    ),
                                    models.Q(
                                        ("state", "rejected"),
                                        ("third_by__isnull", False),
                                        ("third_says", False),
                                    ),
                                    _connector="OR",
                                ),
                            ),
                            _connector="OR",
                        ),
                        name="appeal_decided_by_two",
                    ),
                    models.UniqueConstraint(fields=("veto",), name="appeal_once_a_veto"),
                    models.UniqueConstraint(fields=("finding",), name="appeal_once_a_finding"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("state__in", ["open", "granted", "rejected"]),
                            models.Q(
                                models.Q(
                                    ("case__isnull", False),
                                    ("finding", None),
                                    ("kind", "fact"),
                                    ("veto", None),
                                ),
                                models.Q(
                                    ("case", None),
                                    ("finding", None),
                                    ("kind", "veto"),
                                    ("veto__isnull", False),
                                ),
                                models.Q(
                                    ("case", None),
                                    ("finding__isnull", False),
                                    ("kind", "finding"),
                                    ("veto", None),
                                ),
                                _connector="OR",
                            ),
                        ),
                        name="appeal_known",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="AppealPhoto",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=huying.audit.identifiers.new_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("district_code", models.CharField(max_length=6)),
                (
                    "appeal",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="photos",
                        to="huying.appeal",
                    ),
                ),
                (
                    "attachment",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="appeal_photo",
                        to="huying.attachment",
                    ),
                ),
            ],
            options={
                "db_table": "appeal_photo",
            },
        ),
        migrations.CreateModel(
            name="LeftOut",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=huying.audit.identifiers.new_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("district_code", models.CharField(max_length=6)),
                ("seq", models.PositiveIntegerField()),
                ("unit_id", models.BigIntegerField(null=True)),
                (
                    "tallies",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=24), size=None
                    ),
                ),
                (
                    "why",
                    models.CharField(
                        choices=[("appeal", "on appeal"), ("unusual", "found to be unusual")],
                        max_length=8,
                    ),
                ),
                ("source_id", models.UUIDField()),
                ("since", models.DateTimeField()),
                ("until", models.DateTimeField(null=True)),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="left_out",
                        to="huying.case",
                    ),
                ),
            ],
            options={
                "db_table": "left_out",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("why__in", ["appeal", "unusual"])),
                        name="left_out_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("until", None), ("until__gte", models.F("since")), _connector="OR"
                        ),
                        name="left_out_for_a_time",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("tallies__len__gte", 1)), name="left_out_some"
                    ),
                    models.UniqueConstraint(
                        fields=("source_id", "case", "seq", "tallies"), name="left_out_once"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="MadeReport",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=huying.audit.identifiers.new_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("district_code", models.CharField(max_length=6)),
                ("area_code", models.CharField(max_length=12)),
                (
                    "kind",
                    models.CharField(
                        choices=[("weekly", "weekly report"), ("monthly", "monthly report")],
                        max_length=8,
                    ),
                ),
                ("first", models.DateField()),
                ("last", models.DateField()),
                ("scheduled", models.BooleanField(default=False)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "waiting"),
                            ("running", "being written"),
                            ("ready", "ready"),
                            ("failed", "failed"),
                        ],
                        default="waiting",
                        max_length=8,
                    ),
                ),
                ("done", models.PositiveSmallIntegerField(default=0)),
                ("asked_at", models.DateTimeField()),
                (
                    "touched_at",
                    models.DateTimeField(help_text="when the worker last told how far it is"),
                ),
                ("at", models.DateTimeField(blank=True, null=True)),
                ("content", models.JSONField(blank=True, null=True)),
                (
                    "asked_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "report",
                "verbose_name_plural": "reports",
                "db_table": "made_report",
                "ordering": ["-first", "area_code", "-asked_at"],
                "indexes": [
                    models.Index(fields=["area_code", "-first"], name="made_report_of_area")
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("scheduled", True)),
                        fields=("kind", "area_code", "first"),
                        name="made_report_once_by_itself",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("at__isnull", False),
                                ("content__isnull", False),
                                ("state", "ready"),
                            ),
                            models.Q(
                                models.Q(("state", "ready"), _negated=True),
                                ("at__isnull", True),
                                ("content__isnull", True),
                            ),
                            _connector="OR",
                        ),
                        name="made_report_ready_is_whole",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("last__gte", models.F("first"))),
                        name="made_report_span",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ClosedMonth",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=huying.audit.identifiers.new_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("district_code", models.CharField(max_length=6)),
                ("month", models.DateField()),
                ("at", models.DateTimeField()),
                ("sheets", models.JSONField()),
                (
                    "closed_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("closed_at", models.DateTimeField(null=True)),
                (
                    "period",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="huying.closedperiod",
                    ),
                ),
            ],
            options={
                "db_table": "score_month",
                "ordering": ["-month"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("district_code", "month"), name="score_month_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("month__day", 1)), name="score_month_a_first"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ClosedScore",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=huying.audit.identifiers.new_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("district_code", models.CharField(max_length=6)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("worker", "Grid workers"),
                            ("dispatcher", "Dispatchers"),
                            ("desk", "Command centres"),
                            ("unit", "Departments and teams"),
                            ("community", "Communities"),
                            ("town", "Towns"),
                            ("branch", "Party branches"),
                        ],
                        max_length=12,
                    ),
                ),
                ("subject", models.CharField(help_text="a code or a number", max_length=20)),
                ("area_code", models.CharField(max_length=15)),
                ("total", models.DecimalField(decimal_places=2, max_digits=5, null=True)),
                ("grade", models.CharField(blank=True, default="", max_length=1)),
                ("vetoed", models.BooleanField(default=False)),
                ("body", models.JSONField(help_text="lines and ratings")),
                (
                    "closed",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="scores",
                        to="huying.closedmonth",
                    ),
                ),
            ],
            options={
                "db_table": "score_closed",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("closed", "kind", "subject"), name="score_closed_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("grade", ""), ("total__isnull", True)),
                            models.Q(
                                ("grade__in", ["A", "B", "C", "D", "E"]), ("total__isnull", False)
                            ),
                            _connector="OR",
                        ),
                        name="score_closed_grade_of_a_total",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("vetoed", False),
                            models.Q(("grade", "E"), ("total", 0)),
                            _connector="OR",
                        ),
                        name="score_closed_veto_is_zero",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ReportRating",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=huying.audit.identifiers.new_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("district_code", models.CharField(max_length=6)),
                ("month", models.DateField()),
                ("holder_code", models.CharField(max_length=12)),
                ("place", models.BooleanField()),
                ("item", models.BooleanField()),
                ("evidence", models.BooleanField()),
                ("rated_at", models.DateTimeField()),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="report_ratings",
                        to="huying.case",
                    ),
                ),
                (
                    "rated_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "reporter",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="huying.unit",
                    ),
                ),
            ],
            options={
                "db_table": "report_rating",
                "indexes": [
                    models.Index(
                        models.F("district_code"), models.F("month"), name="report_rating_of_month"
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("case", "unit"), name="report_rating_once_a_unit"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("reporter", None),
                            models.Q(("reporter", models.F("rated_by")), _negated=True),
                            _connector="OR",
                        ),
                        name="report_rating_not_of_oneself",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("month__day", 1)), name="report_rating_a_first"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ScoreSheet",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=huying.audit.identifiers.new_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("district_code", models.CharField(max_length=6)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("worker", "Grid workers"),
                            ("dispatcher", "Dispatchers"),
                            ("desk", "Command centres"),
                            ("unit", "Departments and teams"),
                            ("community", "Communities"),
                            ("town", "Towns"),
                            ("branch", "Party branches"),
                        ],
                        max_length=12,
                    ),
                ),
                ("version", models.PositiveIntegerField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("draft", "draft"),
                            ("proposed", "waits for a second person"),
                            ("approved", "approved"),
                        ],
                        default="draft",
                        max_length=10,
                    ),
                ),
                ("body", models.JSONField(help_text="as scores.sheets writes it")),
                ("since", models.DateField(null=True)),
                (
                    "edited_by",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(), default=list, size=None
                    ),
                ),
                ("made_at", models.DateTimeField()),
                ("changed_at", models.DateTimeField()),
                ("proposed_at", models.DateTimeField(null=True)),
                ("approved_at", models.DateTimeField(null=True)),
                (
                    "approved_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "proposed_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "db_table": "score_sheet",
                "ordering": ["kind", "-version"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("district_code", "kind", "version"), name="score_sheet_version_once"
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("state", "approved"), _negated=True),
                        fields=("district_code", "kind"),
                        name="score_sheet_one_in_the_making",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "kind__in",
                                [
                                    "worker",
                                    "dispatcher",
                                    "desk",
                                    "unit",
                                    "community",
                                    "town",
                                    "branch",
                                ],
                            )
                        ),
                        name="score_sheet_kind_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("since", None), ("since__day", 1), _connector="OR"),
                        name="score_sheet_from_a_first",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "approved"), _negated=True),
                            models.Q(
                                ("approved_by__isnull", False),
                                ("proposed_by__isnull", False),
                                ("since__isnull", False),
                                models.Q(("approved_by", models.F("proposed_by")), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="score_sheet_takes_two",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ScoreVetoFile",
            fields=[
                (
                    "attachment",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="score_veto_file",
                        serialize=False,
                        to="huying.attachment",
                    ),
                ),
                ("district_code", models.CharField(max_length=6)),
                (
                    "veto",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="files",
                        to="huying.scoreveto",
                    ),
                ),
            ],
            options={
                "db_table": "score_veto_file",
            },
        ),
        migrations.CreateModel(
            name="UnitRating",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=huying.audit.identifiers.new_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("district_code", models.CharField(max_length=6)),
                ("month", models.DateField()),
                (
                    "rater_code",
                    models.CharField(help_text="of the town or community", max_length=12),
                ),
                ("speed", models.PositiveSmallIntegerField()),
                ("quality", models.PositiveSmallIntegerField()),
                ("manner", models.PositiveSmallIntegerField()),
                ("reason", models.CharField(blank=True, default="", max_length=200)),
                ("rated_at", models.DateTimeField()),
                (
                    "rated_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="ratings",
                        to="huying.unit",
                    ),
                ),
            ],
            options={
                "db_table": "unit_rating",
                "indexes": [
                    models.Index(
                        models.F("district_code"), models.F("month"), name="unit_rating_of_month"
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("month", "rater_code", "unit"), name="unit_rating_once_a_body"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("manner__range", (1, 5)),
                            ("quality__range", (1, 5)),
                            ("speed__range", (1, 5)),
                        ),
                        name="unit_rating_stars",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("manner__gt", 2), ("quality__gt", 2), ("speed__gt", 2)),
                            models.Q(("reason", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="unit_rating_low_has_a_reason",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("month__day", 1), ("rater_code__regex", "^(\\d{9}|\\d{12})$")
                        ),
                        name="unit_rating_by_a_town_or_community",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="UnusualCase",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "place",
                    models.PositiveSmallIntegerField(help_text="in the order of what happened"),
                ),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="unusual",
                        to="huying.case",
                    ),
                ),
                (
                    "finding",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="cases",
                        to="huying.unusual",
                    ),
                ),
            ],
            options={
                "db_table": "unusual_case",
                "ordering": ["place"],
                "constraints": [
                    models.UniqueConstraint(fields=("finding", "case"), name="unusual_case_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="DutyStep",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=huying.audit.identifiers.new_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("district_code", models.CharField(max_length=6)),
                ("subject", models.CharField(max_length=24)),
                ("subject_id", models.UUIDField()),
                ("verb", models.CharField(max_length=24)),
                ("at", models.DateTimeField()),
                ("actor_kind", models.CharField(max_length=12)),
                ("actor_id", models.BigIntegerField(null=True)),
                ("post_id", models.BigIntegerField(null=True)),
                ("data", models.JSONField(default=dict)),
            ],
            options={
                "db_table": "duty_step",
                "ordering": ["at", "id"],
                "indexes": [
                    models.Index(
                        models.F("subject_id"), models.F("at"), name="duty_step_of_subject"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="DutyList",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=huying.audit.identifiers.new_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("district_code", models.CharField(max_length=6)),
                ("area_code", models.CharField(max_length=9)),
                ("version", models.PositiveIntegerField()),
                (
                    "state",
                    models.CharField(
                        choices=[("draft", "draft"), ("published", "published")],
                        default="draft",
                        max_length=10,
                    ),
                ),
                ("entries", models.JSONField(default=list)),
                (
                    "editors",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(), default=list, size=None
                    ),
                ),
                ("made_at", models.DateTimeField()),
                ("changed_at", models.DateTimeField()),
                ("published_at", models.DateTimeField(null=True)),
                ("effective_from", models.DateField(null=True)),
                ("revision", models.PositiveIntegerField(default=1)),
                (
                    "begun_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "published_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "responsibility list",
                "verbose_name_plural": "responsibility lists",
                "db_table": "duty_list",
                "ordering": ["area_code", "-version"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("area_code__regex", "^\\d{6}(\\d{3})?$"),
                            ("district_code", django.db.models.functions.text.Left("area_code", 6)),
                        ),
                        name="duty_list_of_a_town_or_the_district",
                    ),
                    models.UniqueConstraint(
                        fields=("area_code", "version"), name="duty_list_version"
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("state", "draft")),
                        fields=("area_code",),
                        name="duty_list_one_draft",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("effective_from__isnull", True),
                                ("published_at__isnull", True),
                                ("published_by__isnull", True),
                                ("state", "draft"),
                            ),
                            models.Q(
                                ("effective_from__isnull", False),
                                ("published_at__isnull", False),
                                ("state", "published"),
                                models.Q(
                                    ("begun_by__isnull", True),
                                    models.Q(
                                        ("published_by__isnull", False),
                                        models.Q(
                                            ("published_by", models.F("begun_by")), _negated=True
                                        ),
                                    ),
                                    _connector="OR",
                                ),
                            ),
                            _connector="OR",
                        ),
                        name="duty_list_published_by_another",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Admission",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=huying.audit.identifiers.new_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("district_code", models.CharField(max_length=6)),
                ("category_code", models.CharField(max_length=2)),
                ("proposed", models.JSONField(default=dict)),
                ("duties", models.CharField(max_length=1000)),
                ("flow", models.CharField(max_length=1000)),
                ("resources", models.CharField(max_length=1000)),
                ("basis", models.CharField(max_length=1000)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("submitted", "in pre-review"),
                            ("returned", "to be completed"),
                            ("reviewed", "to be decided"),
                            ("trial", "on trial"),
                            ("admitted", "admitted"),
                            ("ended", "ended after the trial"),
                            ("refused", "refused"),
                            ("withdrawn", "withdrawn"),
                        ],
                        default="submitted",
                        max_length=10,
                    ),
                ),
                ("review_due", models.DateField(null=True)),
                ("decide_due", models.DateField(null=True)),
                ("made_at", models.DateTimeField()),
                ("item_code", models.CharField(blank=True, default="", max_length=4)),
                (
                    "trial_towns",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=9), default=list, size=None
                    ),
                ),
                ("trial_from", models.DateField(null=True)),
                ("trial_until", models.DateField(null=True)),
                ("effective_from", models.DateField(null=True)),
                ("ended_at", models.DateTimeField(null=True)),
                ("revision", models.PositiveIntegerField(default=1)),
                (
                    "decided_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "made_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "reviewed_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="huying.unit",
                    ),
                ),
            ],
            options={
                "verbose_name": "application for admission",
                "verbose_name_plural": "applications for admission",
                "db_table": "admission",
                "ordering": ["-made_at", "-id"],
                "indexes": [
                    models.Index(
                        models.F("district_code"), models.F("state"), name="admission_of_district"
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("reviewed_by__isnull", True),
                                models.Q(("reviewed_by", models.F("made_by")), _negated=True),
                                _connector="OR",
                            ),
                            models.Q(
                                ("decided_by__isnull", True),
                                models.Q(
                                    models.Q(("decided_by", models.F("made_by")), _negated=True),
                                    models.Q(
                                        ("decided_by", models.F("reviewed_by")), _negated=True
                                    ),
                                ),
                                _connector="OR",
                            ),
                        ),
                        name="admission_by_three",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state__in", ["trial", "admitted", "ended"]), _negated=True),
                            models.Q(
                                ("decided_by__isnull", False),
                                ("trial_from__isnull", False),
                                ("trial_towns__len__gt", 0),
                                ("trial_until__gte", models.F("trial_from")),
                                models.Q(("item_code", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="admission_on_trial_has_towns_and_days",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("effective_from__isnull", False), ("state", "admitted")),
                            models.Q(
                                models.Q(("state", "admitted"), _negated=True),
                                ("effective_from__isnull", True),
                            ),
                            _connector="OR",
                        ),
                        name="admission_admitted_from_a_day",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("item_code", ""), _negated=True),
                        fields=("item_code",),
                        name="admission_of_an_item_once",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="AdmissionWord",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=huying.audit.identifiers.new_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("district_code", models.CharField(max_length=6)),
                ("verb", models.CharField(max_length=12)),
                ("words", models.CharField(max_length=1000)),
                ("at", models.DateTimeField()),
                (
                    "account",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "admission",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="words",
                        to="huying.admission",
                    ),
                ),
            ],
            options={
                "db_table": "admission_word",
                "ordering": ["at", "id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("words", ""), _negated=True),
                        name="admission_word_says_something",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="OldItem",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=huying.audit.identifiers.new_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("district_code", models.CharField(max_length=6)),
                ("code", models.CharField(blank=True, default="", max_length=40)),
                ("name", models.CharField(max_length=100)),
                ("item_code", models.CharField(max_length=4)),
                ("since", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "ended_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "old item",
                "verbose_name_plural": "old items",
                "db_table": "old_item",
                "ordering": ["item_code", "name"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("name", ""), _negated=True), name="old_item_named"
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("ended_at__isnull", True)),
                        fields=("district_code", "name"),
                        name="old_item_name_once",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(
                            ("ended_at__isnull", True), models.Q(("code", ""), _negated=True)
                        ),
                        fields=("district_code", "code"),
                        name="old_item_code_once",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="MeasurePlan",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=huying.audit.identifiers.new_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("district_code", models.CharField(max_length=6)),
                ("title", models.CharField(max_length=60)),
                ("begins_on", models.DateField()),
                ("ends_on", models.DateField()),
                ("made_at", models.DateTimeField()),
                (
                    "made_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "plan of measures",
                "verbose_name_plural": "plans of measures",
                "db_table": "measure_plan",
                "ordering": ["-begins_on", "-id"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("district_code", "title"), name="measure_plan_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("ends_on__gte", models.F("begins_on"))),
                        name="measure_plan_has_days",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Measure",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=huying.audit.identifiers.new_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("district_code", models.CharField(max_length=6)),
                ("number", models.PositiveSmallIntegerField()),
                ("title", models.CharField(max_length=100)),
                ("words", models.CharField(blank=True, default="", max_length=1000)),
                (
                    "helpers",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(), default=list, size=None
                    ),
                ),
                ("due_on", models.DateField()),
                ("dropped_at", models.DateTimeField(null=True)),
                ("outcome", models.CharField(blank=True, default="", max_length=400)),
                ("revision", models.PositiveIntegerField(default=1)),
                (
                    "unit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="huying.unit",
                    ),
                ),
                (
                    "plan",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="measures",
                        to="huying.measureplan",
                    ),
                ),
            ],
            options={
                "verbose_name": "measure",
                "verbose_name_plural": "measures",
                "db_table": "measure",
                "ordering": ["number"],
                "constraints": [
                    models.UniqueConstraint(fields=("plan", "number"), name="measure_number_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("title", ""), _negated=True), ("number__gt", 0)
                        ),
                        name="measure_titled",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("dropped_at__isnull", True), ("outcome", "")),
                            models.Q(
                                ("dropped_at__isnull", False),
                                models.Q(("outcome", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="measure_dropped_with_words",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="MeasureMilestone",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=huying.audit.identifiers.new_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("district_code", models.CharField(max_length=6)),
                ("title", models.CharField(max_length=100)),
                ("due_on", models.DateField()),
                ("reached_on", models.DateField(null=True)),
                ("evidence", models.CharField(blank=True, default="", max_length=400)),
                (
                    "measure",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="milestones",
                        to="huying.measure",
                    ),
                ),
                (
                    "reached_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "db_table": "measure_milestone",
                "ordering": ["due_on", "id"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("measure", "title"), name="measure_milestone_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("title", ""), _negated=True),
                            models.Q(
                                ("reached_on__isnull", True),
                                models.Q(("evidence", ""), _negated=True),
                                _connector="OR",
                            ),
                        ),
                        name="measure_milestone_reached_with_evidence",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="MeasureFile",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=huying.audit.identifiers.new_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("district_code", models.CharField(max_length=6)),
                ("at", models.DateTimeField()),
                (
                    "attachment",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="of_measure",
                        to="huying.attachment",
                    ),
                ),
                (
                    "milestone",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="files",
                        to="huying.measuremilestone",
                    ),
                ),
            ],
            options={
                "db_table": "measure_file",
                "ordering": ["at", "id"],
            },
        ),
        migrations.CreateModel(
            name="MeasureReport",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=huying.audit.identifiers.new_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("district_code", models.CharField(max_length=6)),
                ("words", models.CharField(max_length=1000)),
                ("at", models.DateTimeField()),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "measure",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="reports",
                        to="huying.measure",
                    ),
                ),
            ],
            options={
                "db_table": "measure_report",
                "ordering": ["-at", "-id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("words", ""), _negated=True),
                        name="measure_report_says_something",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Evaluation",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=huying.audit.identifiers.new_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("district_code", models.CharField(max_length=6)),
                ("name", models.CharField(max_length=100)),
                (
                    "concerns",
                    models.CharField(
                        choices=[
                            ("towns", "towns"),
                            ("communities", "communities"),
                            ("workers", "grid workers"),
                            ("departments", "departments"),
                        ],
                        max_length=12,
                    ),
                ),
                (
                    "towns",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=9), default=list, size=None
                    ),
                ),
                ("basis", models.CharField(max_length=400)),
                (
                    "frequency",
                    models.CharField(
                        choices=[
                            ("once", "once"),
                            ("yearly", "once a year"),
                            ("half", "twice a year"),
                            ("quarterly", "every quarter"),
                            ("monthly", "every month"),
                        ],
                        max_length=10,
                    ),
                ),
                ("papers", models.PositiveSmallIntegerField()),
                ("valid_from", models.DateField()),
                ("valid_until", models.DateField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("applied", "to be decided"),
                            ("approved", "approved"),
                            ("refused", "refused"),
                            ("struck", "struck off"),
                        ],
                        default="applied",
                        max_length=8,
                    ),
                ),
                ("made_at", models.DateTimeField()),
                ("decided_at", models.DateTimeField(null=True)),
                ("words", models.CharField(blank=True, default="", max_length=400)),
                ("revision", models.PositiveIntegerField(default=1)),
                (
                    "applied_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "decided_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "holder",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="huying.unit",
                    ),
                ),
            ],
            options={
                "verbose_name": "evaluation",
                "verbose_name_plural": "evaluations",
                "db_table": "evaluation",
                "ordering": ["valid_until", "name"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("name", ""), _negated=True),
                            models.Q(("basis", ""), _negated=True),
                            ("valid_until__gte", models.F("valid_from")),
                        ),
                        name="evaluation_says_what",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("decided_by__isnull", True), ("state", "applied")),
                            models.Q(
                                ("decided_by__isnull", False),
                                models.Q(("decided_by", models.F("applied_by")), _negated=True),
                                models.Q(("words", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="evaluation_decided_by_another",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="EvaluationCap",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=huying.audit.identifiers.new_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("district_code", models.CharField(max_length=6)),
                ("year", models.PositiveSmallIntegerField()),
                ("most", models.PositiveSmallIntegerField()),
                ("set_at", models.DateTimeField()),
                (
                    "set_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "db_table": "evaluation_cap",
                "ordering": ["-year"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("district_code", "year"), name="evaluation_cap_of_a_year"
                    )
                ],
            },
        ),
        migrations.AddField(
            model_name="branch",
            name="secretary",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="huying.partymember",
            ),
        ),
        migrations.RemoveIndex(
            model_name="casetext",
            name="case_text_words",
        ),
        migrations.AddField(
            model_name="accesslog",
            name="area_code",
            field=models.CharField(
                blank=True,
                db_default="",
                default="",
                max_length=15,
                verbose_name="place of the subject",
            ),
        ),
        migrations.AddField(
            model_name="accesslog",
            name="occasion",
            field=models.CharField(
                blank=True,
                db_default="",
                default="",
                help_text="The case or task that was the reason to look.",
                max_length=64,
                verbose_name="occasion",
            ),
        ),
        migrations.AddField(
            model_name="accesslog",
            name="person",
            field=models.BinaryField(
                blank=True,
                db_default=b"",
                default=b"",
                max_length=32,
                verbose_name="mark of the person",
            ),
        ),
        migrations.AddField(
            model_name="account",
            name="outside_id",
            field=models.CharField(
                blank=True,
                help_text="As the provider writes it. Whoever it says this is signs in as this account.",
                max_length=191,
                null=True,
                unique=True,
                verbose_name="identity at the outside provider",
            ),
        ),
        migrations.AddField(
            model_name="account",
            name="tour_seen_at",
            field=models.DateTimeField(
                blank=True, help_text="when the tour of the queue was ended or skipped", null=True
            ),
        ),
        migrations.AddField(
            model_name="attachment",
            name="accuracy_m",
            field=models.FloatField(null=True),
        ),
        migrations.AddField(
            model_name="attachment",
            name="held",
            field=models.BooleanField(
                db_default=False, default=False, help_text="taken up by something that is no case"
            ),
        ),
        migrations.AddField(
            model_name="attachment",
            name="lat",
            field=models.FloatField(null=True),
        ),
        migrations.AddField(
            model_name="attachment",
            name="lon",
            field=models.FloatField(help_text="where it was taken, CGCS2000 degrees", null=True),
        ),
        migrations.AddField(
            model_name="attachment",
            name="look",
            field=models.BigIntegerField(
                help_text="64 bits of what it looks like; like pictures differ in few", null=True
            ),
        ),
        migrations.AddField(
            model_name="attachment",
            name="name",
            field=models.CharField(
                blank=True,
                db_default="",
                default="",
                help_text="a document's file name",
                max_length=100,
            ),
        ),
        migrations.AddField(
            model_name="attachment",
            name="taken_at",
            field=models.DateTimeField(help_text="as the phone that took it says", null=True),
        ),
        migrations.AddField(
            model_name="case",
            name="awaits_arbitration",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddField(
            model_name="case",
            name="calls",
            field=models.JSONField(
                blank=True, help_text="who may do what next about the units called to it", null=True
            ),
        ),
        migrations.AddField(
            model_name="case",
            name="erasure_asked",
            field=models.BooleanField(
                db_default=False, default=False, help_text="by the resident who reported it"
            ),
        ),
        migrations.AddField(
            model_name="case",
            name="has_code",
            field=models.BooleanField(
                db_default=False,
                default=False,
                help_text="the desk gave the resident a code to follow by",
            ),
        ),
        migrations.AddField(
            model_name="case",
            name="instruction_open",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddField(
            model_name="case",
            name="moved_at",
            field=models.DateTimeField(
                blank=True,
                help_text="when the desk that has to accept it got it from another one",
                null=True,
            ),
        ),
        migrations.AddField(
            model_name="case",
            name="parent",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                help_text="the main case that this one was split off",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="subs",
                to="huying.case",
            ),
        ),
        migrations.AddField(
            model_name="case",
            name="parts",
            field=models.JSONField(
                blank=True,
                db_default=models.Value({}, models.JSONField()),
                default=dict,
                help_text="open parts of assisting units: the unit's number, and how far it is",
            ),
        ),
        migrations.AddField(
            model_name="case",
            name="priority",
            field=models.PositiveSmallIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name="case",
            name="questions_asked",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddField(
            model_name="case",
            name="responsible_unit",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                help_text="named by arbitration; may not return the case but on new facts",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="huying.unit",
            ),
        ),
        migrations.AddField(
            model_name="case",
            name="rule",
            field=models.CharField(
                blank=True,
                db_default="",
                default="",
                help_text="the code of who decided",
                max_length=24,
            ),
        ),
        migrations.AddField(
            model_name="case",
            name="rule_clock",
            field=models.CharField(blank=True, db_default="", default="", max_length=14),
        ),
        migrations.AddField(
            model_name="case",
            name="rule_limit",
            field=models.PositiveSmallIntegerField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="case",
            name="rulebook",
            field=models.PositiveIntegerField(
                blank=True,
                help_text="the version of the rules that it was accepted under",
                null=True,
            ),
        ),
        migrations.AddField(
            model_name="case",
            name="rung",
            field=models.PositiveSmallIntegerField(
                db_default=0, default=0, help_text="how far the present step has climbed the ladder"
            ),
        ),
        migrations.AddField(
            model_name="case",
            name="supervised",
            field=models.BooleanField(
                db_default=False, default=False, verbose_name="formally supervised"
            ),
        ),
        migrations.AddField(
            model_name="case",
            name="supervised_reworks",
            field=models.PositiveSmallIntegerField(
                db_default=0, default=0, help_text="reworks that formal supervision has seen"
            ),
        ),
        migrations.AddField(
            model_name="casecontact",
            name="party",
            field=models.BooleanField(
                db_default=False,
                default=False,
                help_text="a party to a handling record, no reporter",
            ),
        ),
        migrations.AddField(
            model_name="casecontact",
            name="resealed",
            field=models.BinaryField(
                help_text="the proof that the digest's content was sealed anew and is the same",
                null=True,
            ),
        ),
        migrations.AddField(
            model_name="casetext",
            name="hidden_enc",
            field=models.BinaryField(help_text="those numbers, encrypted", null=True),
        ),
        migrations.AddField(
            model_name="item",
            name="trial_towns",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=9), blank=True, default=list, size=None
            ),
        ),
        migrations.AddField(
            model_name="likelyduplicate",
            name="repeat",
            field=models.BooleanField(
                db_default=False, default=False, help_text="the other one was closed before"
            ),
        ),
        migrations.AddField(
            model_name="likelyduplicate",
            name="same_item",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddField(
            model_name="order",
            name="done_seq",
            field=models.PositiveIntegerField(
                help_text="of the event with the part's result and evidence", null=True
            ),
        ),
        migrations.AddField(
            model_name="order",
            name="due_at",
            field=models.DateTimeField(
                help_text="as last worked out; empty while paused", null=True
            ),
        ),
        migrations.AddField(
            model_name="order",
            name="due_seen_at",
            field=models.DateTimeField(help_text="when it was last worked out", null=True),
        ),
        migrations.AddField(
            model_name="order",
            name="limit_amount",
            field=models.PositiveSmallIntegerField(
                help_text="the part's own limit; none: the lead unit's deadline holds", null=True
            ),
        ),
        migrations.AddField(
            model_name="order",
            name="limit_clock",
            field=models.CharField(
                blank=True,
                choices=[
                    ("natural_hour", "hours"),
                    ("natural_day", "days"),
                    ("work_hour", "work hours"),
                    ("work_day", "work days"),
                ],
                db_default="",
                default="",
                max_length=14,
            ),
        ),
        migrations.AddField(
            model_name="order",
            name="overdue_at",
            field=models.DateTimeField(help_text="when it was noted as overdue", null=True),
        ),
        migrations.AddField(
            model_name="order",
            name="released_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="order",
            name="signed_off_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="order",
            name="yellow_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="token",
            name="replaced_by",
            field=models.OneToOneField(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="replaces",
                to="huying.token",
                verbose_name="replaced by",
            ),
        ),
        migrations.AddField(
            model_name="unit",
            name="sort",
            field=models.CharField(
                blank=True,
                choices=[
                    ("joint", "joint enforcement team"),
                    ("commando", "party commando"),
                    ("volunteer", "volunteer team"),
                ],
                default="",
                max_length=10,
                verbose_name="sort of team",
            ),
        ),
        migrations.AlterField(
            model_name="attachment",
            name="height",
            field=models.PositiveIntegerField(null=True),
        ),
        migrations.AlterField(
            model_name="attachment",
            name="kind",
            field=models.CharField(
                choices=[
                    ("photo_before", "photo before"),
                    ("photo_after", "photo after"),
                    ("other", "other photo"),
                    ("document", "document"),
                ],
                max_length=14,
            ),
        ),
        migrations.AlterField(
            model_name="attachment",
            name="width",
            field=models.PositiveIntegerField(null=True),
        ),
        migrations.AlterField(
            model_name="caseparty",
            name="part",
            field=models.CharField(
                choices=[
                    ("lead", "lead unit"),
                    ("assist", "assisting unit"),
                    ("alarmed", "alarmed team"),
                    ("called", "called unit"),
                    ("verifier", "asked to verify"),
                    ("checker", "asked to check"),
                    ("reporter", "reporter"),
                ],
                max_length=8,
            ),
        ),
        migrations.AlterField(
            model_name="casetext",
            name="body",
            field=models.TextField(help_text="id and mobile numbers in it are masked"),
        ),
        migrations.AlterField(
            model_name="casetext",
            name="kind",
            field=models.CharField(
                choices=[
                    ("description", "description"),
                    ("reason", "reason"),
                    ("comment", "comment"),
                    ("result", "result"),
                    ("form", "form"),
                    ("requirement", "requirement"),
                    ("addressee", "whom was asked"),
                    ("question", "question"),
                    ("answer", "answer"),
                    ("found", "what was found"),
                    ("demanded", "what was demanded"),
                    ("goods", "goods"),
                    ("custody", "where it is kept"),
                    ("tried", "what was tried"),
                    ("new_facts", "new facts"),
                    ("basis", "basis"),
                ],
                max_length=12,
            ),
        ),
        migrations.AlterField(
            model_name="integration",
            name="role",
            field=models.CharField(
                choices=[
                    ("grid_worker", "grid worker"),
                    ("grid_head", "grid head"),
                    ("dispatcher", "dispatcher"),
                    ("handler", "handler"),
                    ("checker", "checker"),
                    ("member", "party member or volunteer"),
                    ("community_leader", "community leader"),
                    ("town_leader", "town leader"),
                    ("district_leader", "district leader"),
                    ("administrator", "administrator"),
                    ("security_administrator", "security administrator"),
                    ("auditor", "auditor"),
                ],
                max_length=24,
                verbose_name="role",
            ),
        ),
        migrations.AlterField(
            model_name="post",
            name="role",
            field=models.CharField(
                choices=[
                    ("grid_worker", "grid worker"),
                    ("grid_head", "grid head"),
                    ("dispatcher", "dispatcher"),
                    ("handler", "handler"),
                    ("checker", "checker"),
                    ("member", "party member or volunteer"),
                    ("community_leader", "community leader"),
                    ("town_leader", "town leader"),
                    ("district_leader", "district leader"),
                    ("administrator", "administrator"),
                    ("security_administrator", "security administrator"),
                    ("auditor", "auditor"),
                ],
                max_length=24,
                verbose_name="role",
            ),
        ),
        migrations.AlterField(
            model_name="token",
            name="created_at",
            field=models.DateTimeField(verbose_name="created at"),
        ),
        migrations.AlterField(
            model_name="token",
            name="integration",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="tokens",
                to="huying.integration",
                verbose_name="integration",
            ),
        ),
        migrations.AlterField(
            model_name="unit",
            name="kind",
            field=models.CharField(
                choices=[
                    ("desk", "command centre"),
                    ("department", "department"),
                    ("team", "team"),
                    ("branch", "party branch"),
                ],
                max_length=12,
                verbose_name="kind",
            ),
        ),
        migrations.AddIndex(
            model_name="accesslog",
            index=models.Index(fields=["at"], name="access_log_at"),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                models.F("due_at"),
                models.F("received_at"),
                models.F("id"),
                condition=models.Q(
                    (
                        "state__in",
                        ["accepted", "checked", "dispatched", "handled", "handling", "reported"],
                    )
                ),
                name="case_open_by_due",
            ),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                models.F("item_code"),
                models.F("received_at"),
                models.F("id"),
                condition=models.Q(("state__in", ["closed", "declined", "merged", "withdrawn"])),
                name="case_ended_by_item",
            ),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                models.F("channel"),
                models.F("received_at"),
                models.F("id"),
                condition=models.Q(("state__in", ["closed", "declined", "merged", "withdrawn"])),
                name="case_ended_by_channel",
            ),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                models.F("state"),
                models.F("received_at"),
                models.F("id"),
                condition=models.Q(("state__in", ["declined", "merged", "withdrawn"])),
                name="case_ended_unusually",
            ),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                models.F("holder_code"),
                condition=models.Q(
                    ("state__in", ["reported", "accepted"]),
                    models.Q(
                        ("emergency", True),
                        models.Q(("emergency_words", ""), _negated=True),
                        _connector="OR",
                    ),
                ),
                name="case_emergency_waiting",
            ),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                models.F("responsible_unit"),
                condition=models.Q(("responsible_unit__isnull", False)),
                name="case_responsible_unit",
            ),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                models.F("parent"),
                condition=models.Q(("parent__isnull", False)),
                name="case_parent",
            ),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                models.F("lon"),
                models.F("lat"),
                condition=models.Q(("lon__isnull", False)),
                name="case_here",
            ),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                models.F("due_at"), condition=models.Q(("supervised", True)), name="case_supervised"
            ),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                models.F("due_at"),
                condition=models.Q(("instruction_open", True)),
                name="case_instructed",
            ),
        ),
        migrations.AddIndex(
            model_name="order",
            index=models.Index(
                models.F("due_at"),
                condition=models.Q(("ended_at__isnull", True), ("part", "assist")),
                name="order_open_part",
            ),
        ),
        migrations.AddConstraint(
            model_name="case",
            constraint=models.CheckConstraint(
                condition=models.Q(("parent", models.F("id")), _negated=True),
                name="case_not_its_own_part",
            ),
        ),
        migrations.AddConstraint(
            model_name="order",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("limit_amount__isnull", True), ("limit_clock", "")),
                    models.Q(
                        ("limit_amount__gte", 1), models.Q(("limit_clock", ""), _negated=True)
                    ),
                    _connector="OR",
                ),
                name="order_limit_has_clock",
            ),
        ),
        migrations.AddConstraint(
            model_name="order",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("signed_off_at__isnull", True),
                    models.Q(("ended_at__isnull", False), ("handled_at__isnull", False)),
                    _connector="OR",
                ),
                name="order_signed_off_was_done",
            ),
        ),
        migrations.AddConstraint(
            model_name="post",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("role", "member"), _negated=True),
                    ("unit__isnull", False),
                    _connector="OR",
                ),
                name="post_member_has_unit",
            ),
        ),
        migrations.AddConstraint(
            model_name="unit",
            constraint=models.CheckConstraint(
                condition=models.Q(("sort", ""), ("kind", "team"), _connector="OR"),
                name="unit_only_teams_have_a_sort",
            ),
        ),
        # What is no model's, in the order in which it came.
        read("event_log.sql"),
        read("quiet_jobs.sql"),
        read("event_by_actor.sql"),
        read("definer_path.sql"),
        read("finding.sql"),
        migrations.RunSQL(CACHE),
        read("event_moves.sql"),
        # What is in it matters for seconds: it need not survive a crash, nor cost the log a byte.
        migrations.RunSQL("ALTER TABLE presence SET UNLOGGED"),
        # Written while a handover always was to somebody (0032, 0040); it refuses the same rows.
        migrations.RunSQL(ANOTHER),
        read("registers.sql"),
        read("event_xid.sql"),
        migrations.RunSQL(ROOM),
        read("jobs_in_trouble.sql"),
        read("swept_early.sql"),
    ]
