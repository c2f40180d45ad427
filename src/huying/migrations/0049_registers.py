"""The base registers: addresses, dwellings, households, people, units, facilities, their history."""

from pathlib import Path

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.db.models.deletion
import django.db.models.functions.text
import huying.audit.identifiers
from django.db import migrations, models


SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [
        ("huying", "0048_revealing"),
    ]

    operations = [
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
        migrations.AddIndex(
            model_name="registerchange",
            index=models.Index(
                models.F("register"),
                models.F("record_id"),
                models.F("at"),
                name="register_change_of",
            ),
        ),
        migrations.AddIndex(
            model_name="address",
            index=models.Index(
                django.contrib.postgres.indexes.OpClass(
                    models.F("area_code"), name="varchar_pattern_ops"
                ),
                name="register_address_of_area",
            ),
        ),
        migrations.AddIndex(
            model_name="address",
            index=models.Index(
                models.F("merged_into"),
                condition=models.Q(("merged_into__isnull", False)),
                name="register_address_merged",
            ),
        ),
        migrations.AddIndex(
            model_name="address",
            index=models.Index(
                models.F("lon"),
                models.F("lat"),
                condition=models.Q(("lon__isnull", False)),
                name="register_address_here",
            ),
        ),
        migrations.AddConstraint(
            model_name="address",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("area_code__regex", "^(\\d{12}|\\d{15})$"),
                    ("district_code", django.db.models.functions.text.Left("area_code", 6)),
                ),
                name="register_address_in_an_area",
            ),
        ),
        migrations.AddConstraint(
            model_name="address",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("valid_until__isnull", True),
                    ("valid_until__gte", models.F("valid_from")),
                    _connector="OR",
                ),
                name="register_address_ends_after_start",
            ),
        ),
        migrations.AddConstraint(
            model_name="address",
            constraint=models.CheckConstraint(
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
        ),
        migrations.AddConstraint(
            model_name="address",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("source__in", ["visit", "desk", "told", "import", "department"])
                ),
                name="register_address_source_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="address",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("level", 4), ("parent__isnull", True)),
                    models.Q(("level__in", [5, 6, 7, 8, 9]), ("parent__isnull", False)),
                    _connector="OR",
                ),
                name="register_address_level",
            ),
        ),
        migrations.AddConstraint(
            model_name="address",
            constraint=models.CheckConstraint(
                condition=models.Q(("name", ""), _negated=True), name="register_address_named"
            ),
        ),
        migrations.AddConstraint(
            model_name="address",
            constraint=models.CheckConstraint(
                condition=models.Q(("parent", models.F("id")), _negated=True),
                name="register_address_not_in_itself",
            ),
        ),
        migrations.AddConstraint(
            model_name="address",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("lat__isnull", True), ("lon__isnull", True)),
                    models.Q(("lat__range", (-90, 90)), ("lon__range", (-180, 180))),
                    _connector="OR",
                ),
                name="register_address_pinned",
            ),
        ),
        migrations.AddConstraint(
            model_name="address",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("building_code__isnull", True),
                    models.Q(("level__in", [5, 6]), models.Q(("building_code", ""), _negated=True)),
                    _connector="OR",
                ),
                name="register_address_code_of_building",
            ),
        ),
        migrations.AddConstraint(
            model_name="address",
            constraint=models.UniqueConstraint(
                condition=models.Q(("parent__isnull", True), ("valid_until__isnull", True)),
                fields=("community_code", "name"),
                name="register_address_street_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="address",
            constraint=models.UniqueConstraint(
                condition=models.Q(("parent__isnull", False), ("valid_until__isnull", True)),
                fields=("parent", "level", "name"),
                name="register_address_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="addressalias",
            constraint=models.UniqueConstraint(
                fields=("address", "name"), name="register_alias_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="addressalias",
            constraint=models.CheckConstraint(
                condition=models.Q(("name", ""), _negated=True), name="register_alias_named"
            ),
        ),
        migrations.AddIndex(
            model_name="dwelling",
            index=models.Index(
                django.contrib.postgres.indexes.OpClass(
                    models.F("area_code"), name="varchar_pattern_ops"
                ),
                name="register_dwelling_of_area",
            ),
        ),
        migrations.AddIndex(
            model_name="dwelling",
            index=models.Index(
                models.F("merged_into"),
                condition=models.Q(("merged_into__isnull", False)),
                name="register_dwelling_merged",
            ),
        ),
        migrations.AddConstraint(
            model_name="dwelling",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("area_code__regex", "^(\\d{12}|\\d{15})$"),
                    ("district_code", django.db.models.functions.text.Left("area_code", 6)),
                ),
                name="register_dwelling_in_an_area",
            ),
        ),
        migrations.AddConstraint(
            model_name="dwelling",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("valid_until__isnull", True),
                    ("valid_until__gte", models.F("valid_from")),
                    _connector="OR",
                ),
                name="register_dwelling_ends_after_start",
            ),
        ),
        migrations.AddConstraint(
            model_name="dwelling",
            constraint=models.CheckConstraint(
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
        ),
        migrations.AddConstraint(
            model_name="dwelling",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("source__in", ["visit", "desk", "told", "import", "department"])
                ),
                name="register_dwelling_source_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="dwelling",
            constraint=models.CheckConstraint(
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
        ),
        migrations.AddConstraint(
            model_name="dwelling",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("use__in", ["owner", "rented", "shared", "mixed", "empty", "unknown"])
                ),
                name="register_dwelling_use_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="dwelling",
            constraint=models.UniqueConstraint(
                condition=models.Q(("valid_until__isnull", True)),
                fields=("address",),
                name="register_dwelling_once",
            ),
        ),
        migrations.AddIndex(
            model_name="enterprise",
            index=models.Index(
                django.contrib.postgres.indexes.OpClass(
                    models.F("area_code"), name="varchar_pattern_ops"
                ),
                name="register_enterprise_of_area",
            ),
        ),
        migrations.AddIndex(
            model_name="enterprise",
            index=models.Index(
                models.F("merged_into"),
                condition=models.Q(("merged_into__isnull", False)),
                name="register_enterprise_merged",
            ),
        ),
        migrations.AddIndex(
            model_name="enterprise",
            index=models.Index(models.F("phone_index"), name="register_enterprise_phone"),
        ),
        migrations.AddConstraint(
            model_name="enterprise",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("area_code__regex", "^(\\d{12}|\\d{15})$"),
                    ("district_code", django.db.models.functions.text.Left("area_code", 6)),
                ),
                name="register_enterprise_in_an_area",
            ),
        ),
        migrations.AddConstraint(
            model_name="enterprise",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("valid_until__isnull", True),
                    ("valid_until__gte", models.F("valid_from")),
                    _connector="OR",
                ),
                name="register_enterprise_ends_after_start",
            ),
        ),
        migrations.AddConstraint(
            model_name="enterprise",
            constraint=models.CheckConstraint(
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
        ),
        migrations.AddConstraint(
            model_name="enterprise",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("source__in", ["visit", "desk", "told", "import", "department"])
                ),
                name="register_enterprise_source_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="enterprise",
            constraint=models.CheckConstraint(
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
        ),
        migrations.AddConstraint(
            model_name="enterprise",
            constraint=models.CheckConstraint(
                condition=models.Q(("name", ""), _negated=True), name="register_enterprise_named"
            ),
        ),
        migrations.AddConstraint(
            model_name="enterprise",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("credit_code__isnull", True),
                    ("credit_code__regex", "^[0-9A-HJ-NP-RTUWXY]{18}$"),
                    _connector="OR",
                ),
                name="register_enterprise_code",
            ),
        ),
        migrations.AddConstraint(
            model_name="enterprise",
            constraint=models.UniqueConstraint(
                condition=models.Q(("credit_code__isnull", False), ("valid_until__isnull", True)),
                fields=("district_code", "credit_code"),
                name="register_enterprise_code_once",
            ),
        ),
        migrations.AddIndex(
            model_name="facility",
            index=models.Index(
                django.contrib.postgres.indexes.OpClass(
                    models.F("area_code"), name="varchar_pattern_ops"
                ),
                name="register_facility_of_area",
            ),
        ),
        migrations.AddIndex(
            model_name="facility",
            index=models.Index(
                models.F("merged_into"),
                condition=models.Q(("merged_into__isnull", False)),
                name="register_facility_merged",
            ),
        ),
        migrations.AddIndex(
            model_name="facility",
            index=models.Index(
                models.F("lon"),
                models.F("lat"),
                condition=models.Q(("lon__isnull", False)),
                name="register_facility_here",
            ),
        ),
        migrations.AddConstraint(
            model_name="facility",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("area_code__regex", "^(\\d{12}|\\d{15})$"),
                    ("district_code", django.db.models.functions.text.Left("area_code", 6)),
                ),
                name="register_facility_in_an_area",
            ),
        ),
        migrations.AddConstraint(
            model_name="facility",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("valid_until__isnull", True),
                    ("valid_until__gte", models.F("valid_from")),
                    _connector="OR",
                ),
                name="register_facility_ends_after_start",
            ),
        ),
        migrations.AddConstraint(
            model_name="facility",
            constraint=models.CheckConstraint(
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
        ),
        migrations.AddConstraint(
            model_name="facility",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("source__in", ["visit", "desk", "told", "import", "department"])
                ),
                name="register_facility_source_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="facility",
            constraint=models.CheckConstraint(
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
        ),
        migrations.AddConstraint(
            model_name="facility",
            constraint=models.CheckConstraint(
                condition=models.Q(("name", ""), _negated=True), name="register_facility_named"
            ),
        ),
        migrations.AddConstraint(
            model_name="facility",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("address__isnull", False), ("lat__isnull", True), ("lon__isnull", True)
                    ),
                    models.Q(("lat__range", (-90, 90)), ("lon__range", (-180, 180))),
                    _connector="OR",
                ),
                name="register_facility_pinned",
            ),
        ),
        migrations.AddIndex(
            model_name="household",
            index=models.Index(
                django.contrib.postgres.indexes.OpClass(
                    models.F("area_code"), name="varchar_pattern_ops"
                ),
                name="register_household_of_area",
            ),
        ),
        migrations.AddIndex(
            model_name="household",
            index=models.Index(
                models.F("merged_into"),
                condition=models.Q(("merged_into__isnull", False)),
                name="register_household_merged",
            ),
        ),
        migrations.AddConstraint(
            model_name="household",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("area_code__regex", "^(\\d{12}|\\d{15})$"),
                    ("district_code", django.db.models.functions.text.Left("area_code", 6)),
                ),
                name="register_household_in_an_area",
            ),
        ),
        migrations.AddConstraint(
            model_name="household",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("valid_until__isnull", True),
                    ("valid_until__gte", models.F("valid_from")),
                    _connector="OR",
                ),
                name="register_household_ends_after_start",
            ),
        ),
        migrations.AddConstraint(
            model_name="household",
            constraint=models.CheckConstraint(
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
        ),
        migrations.AddConstraint(
            model_name="household",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("source__in", ["visit", "desk", "told", "import", "department"])
                ),
                name="register_household_source_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="household",
            constraint=models.UniqueConstraint(
                condition=models.Q(("valid_until__isnull", True)),
                fields=("dwelling", "number"),
                name="register_household_once",
            ),
        ),
        migrations.AddIndex(
            model_name="person",
            index=models.Index(
                django.contrib.postgres.indexes.OpClass(
                    models.F("area_code"), name="varchar_pattern_ops"
                ),
                name="register_person_of_area",
            ),
        ),
        migrations.AddIndex(
            model_name="person",
            index=models.Index(
                models.F("merged_into"),
                condition=models.Q(("merged_into__isnull", False)),
                name="register_person_merged",
            ),
        ),
        migrations.AddIndex(
            model_name="person",
            index=models.Index(models.F("name_index"), name="register_person_name"),
        ),
        migrations.AddIndex(
            model_name="person",
            index=models.Index(
                models.F("phone_index"),
                condition=models.Q(("phone_index__isnull", False)),
                name="register_person_phone",
            ),
        ),
        migrations.AddIndex(
            model_name="person",
            index=models.Index(
                models.F("id_number_index"),
                condition=models.Q(("id_number_index__isnull", False)),
                name="register_person_number",
            ),
        ),
        migrations.AddIndex(
            model_name="person",
            index=models.Index(
                django.contrib.postgres.indexes.OpClass(
                    models.F("initials"), name="varchar_pattern_ops"
                ),
                django.contrib.postgres.indexes.OpClass(
                    models.F("area_code"), name="varchar_pattern_ops"
                ),
                condition=models.Q(("valid_until__isnull", True)),
                name="register_person_initials",
            ),
        ),
        migrations.AddConstraint(
            model_name="person",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("area_code__regex", "^(\\d{12}|\\d{15})$"),
                    ("district_code", django.db.models.functions.text.Left("area_code", 6)),
                ),
                name="register_person_in_an_area",
            ),
        ),
        migrations.AddConstraint(
            model_name="person",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("valid_until__isnull", True),
                    ("valid_until__gte", models.F("valid_from")),
                    _connector="OR",
                ),
                name="register_person_ends_after_start",
            ),
        ),
        migrations.AddConstraint(
            model_name="person",
            constraint=models.CheckConstraint(
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
        ),
        migrations.AddConstraint(
            model_name="person",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("source__in", ["visit", "desk", "told", "import", "department"])
                ),
                name="register_person_source_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="person",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("birth_year__isnull", True),
                    ("birth_year__range", (1850, 2200)),
                    _connector="OR",
                ),
                name="register_person_born",
            ),
        ),
        migrations.AddConstraint(
            model_name="person",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("stay__in", ["registered", "moved_in", "away"]),
                    ("sex__in", ["", "male", "female"]),
                ),
                name="register_person_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="person",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("household__isnull", True), ("dwelling__isnull", False), _connector="OR"
                ),
                name="register_person_housed",
            ),
        ),
        migrations.AddConstraint(
            model_name="person",
            constraint=models.UniqueConstraint(
                condition=models.Q(
                    ("id_number_index__isnull", False), ("valid_until__isnull", True)
                ),
                fields=("district_code", "id_number_index"),
                name="register_person_id_once",
            ),
        ),
        migrations.RunSQL(
            (SQL / "registers.sql").read_text("utf-8"),
            reverse_sql=(
                "DROP INDEX register_address_bigrams, register_alias_bigrams,"
                " register_enterprise_bigrams, register_facility_bigrams"
            ),
            elidable=False,
        ),
    ]
