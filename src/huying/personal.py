"""Every table that holds more than codes, numbers and times: of whom it tells, why, how long.

One list for the whole product, from which docs/data.md is made (`huying docs data`). A field that
is neither named here nor of a kind that tells nothing by itself fails the tests, so that none is
forgotten. Words that people write freely count as personal everywhere.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any, Final

from django.apps import apps

from huying.audit.classes import FieldClass, Held, by_kind

CASE = "with the case"
ROW = "as long as what it belongs to"
SETUP = "until an administrator changes it"
LOG = "always: the log is insert-only"

_TABLES: Final[tuple[Held, ...]] = (
    # --- who looks, who works here
    Held(
        "access_log", "who looked at what, and why", LOG,
        personal="person", internal="role action subject_type subject_id purpose fields occasion",
    ),
    Held(
        "access_words", "why somebody looked, for the auditor", "366 days",
        sealed={"words_enc": ""}, key="entry_id",
    ),
    Held("resealing", "how far a new key is in use", "always",
         internal="purpose key_id tables last_id"),
    Held(
        "account", "signing in", "as long as anything names the account",
        personal="username name email outside_id", sensitive="password",
    ),
    Held("account_emailaddress", "the sign-in library's; unused", ROW, personal="email"),
    Held("account_emailconfirmation", "the sign-in library's; unused", ROW, sensitive="key"),
    Held(
        "mfa_authenticator", "the second factor", "until its holder removes it", sensitive="data",
    ),
    Held(
        "browser", "showing people where they are signed in", "with the session",
        personal="address user_agent", sensitive="session_key",
    ),
    Held(
        "django_session", "staying signed in", "16 hours",
        sensitive="session_data session_key",
    ),
    Held(
        "axes_accessattempt", "locking out who guesses passwords", "a day",
        personal="user_agent ip_address username http_accept path_info get_data post_data",
    ),
    Held(
        "axes_accessfailurelog", "who failed to sign in, from where", "366 days",
        personal="user_agent ip_address username http_accept path_info",
    ),
    Held(
        "axes_accesslog", "who signed in from where", "366 days",
        personal="user_agent ip_address username http_accept path_info session_hash",
    ),
    Held(
        "notice_address", "reaching staff outside", "until its owner removes it",
        personal="masked", sealed={"value_enc": ""},
    ),
    Held("post", "who does what where", "after its end too: events name it", internal="title"),
    # --- cases
    Held(
        "case", "what happened where", "always; words and exact place can be erased",
        personal="address lon lat told_lon told_lat accuracy_m",
        internal="parts rule rule_clock calls emergency_words",
        plain="number suggested_item told_datum last_hash",
    ),
    Held("case_address_words", "finding a case by its address", CASE, personal="words"),
    Held(
        "case_answers", "answers to the item's questions", "until erased",
        personal="body masked", sealed={"sealed": ""}, internal="resealed", proven=True,
    ),
    Held(
        "case_contact", "reaching who reported, or is a party", "until erased",
        personal="name_masked phone_masked phone_index", internal="resealed",
        sealed={"name_enc": "", "phone_enc": "phone_index"}, proven=True,
    ),
    Held(
        "case_event", "proving what was done", LOG,
        internal="verb actor_kind role from_state to_state data prev",
    ),
    Held(
        "case_text", "what was said of a case", "until erased",
        personal="body", sealed={"hidden_enc": ""},
    ),
    Held(
        "attachment", "photos and documents as evidence", "until erased",
        personal="name lon lat accuracy_m", internal="uploader_kind",
    ),
    Held("idempotency_key", "safe retries", "90 days", internal="caller verb key answer"),
    Held("hold", "what keeps a case open", CASE, internal="kind ref"),
    Held("extension", "more time asked for", CASE, internal="clock"),
    Held("outside_ask", "asking somebody outside", CASE, sensitive="token_hash", internal="photos"),
    Held("resident_link", "following a case by a code", CASE, sensitive="code_hash",
         internal="photos"),
    Held("open311_request", "following a report by another system", CASE),
    Held("handling_record", "records of law enforcement", "always", plain="number"),
    Held("seized_goods", "goods that were seized", "always", internal="amount"),
    Held("veto", "vetoes of a unit's year", "always", internal="evidence"),
    Held("supervision", "supervising a case", CASE, internal="office step"),
    Held("likely_duplicate", "cases that may be one", CASE, internal="metres likeness"),
    Held("watch_mark", "cases that a desk watches", CASE, personal="words"),
    # --- what comes in
    Held("hotline_order", "orders of the hotline", CASE, plain="number"),
    Held("device_alarm", "alarms of devices", "90 days", internal="device kind lon lat confidence"),
    Held("case_import", "tables that were taken in", "90 days, the file for a day",
         personal="name"),
    Held("imported_record", "taking a register's table back", "with the import",
         sealed={"before_enc": ""}, plain="register"),
    Held("source", "systems that send to us", SETUP, internal="name grave_kinds",
         sealed={"secret_enc": "", "old_secret_enc": ""}),
    Held("subscription", "systems that are told", SETUP, internal="name url types",
         sealed={"secret_enc": "", "old_secret_enc": ""}),
    Held("integration", "systems with a token", SETUP, internal="name"),
    Held("token", "their tokens", SETUP, internal="hint scopes"),
    Held("wall_screen", "screens that may show the wall", SETUP, internal="name hint"),
    Held("open311_key", "keys of Open311 callers", SETUP, internal="name hint"),
    Held("used_nonce", "messages that came before", "ten minutes", internal="nonce"),
    # --- registers; those of people and things class their fields in `registry.classes`
    Held("register_alias", "other names of addresses", "always", plain="name words"),
    Held("register_derived", "which grids the records were put into", ROW, internal="version"),
    Held("register_apart", "records that look like one and are two", "always", internal="register"),
    Held("register_change", "the history of a record", "always", internal="field old new"),
    Held(
        "register_change_words", "the history of what tells of people", "until erased",
        personal="old_shown new_shown", sealed={"old_enc": ""}, key="change_id",
    ),
    # --- people who need a visit
    Held("care_kind", "why people are visited", SETUP, plain="name"),
    Held("care_level", "how often people are visited", SETUP, plain="name"),
    Held(
        "care_person", "visiting who needs it", "until it ended, and its history",
        sensitive="kinds", personal="contact_masked phone_masked look_at", internal="why",
        sealed={"health_enc": "", "contact_enc": "", "phone_enc": ""},
    ),
    Held("care_visit", "that somebody was visited", ROW, personal="needs",
         sealed={"words_enc": ""}),
    Held("care_step", "the history of a place on the list", "always",
         internal="verb actor_kind data"),
    # --- what people ask of what is kept of them
    Held(
        "person_request", "answering who asks what is kept of them", "until emptied by its rule",
        personal="name_masked name_index id_number_masked phone_masked id_number_index "
        "phone_index words",
        sealed={
            "name_enc": "name_index",
            "id_number_enc": "id_number_index",
            "phone_enc": "phone_index",
        },
    ),
    Held("person_request_record", "what was decided of each record", "always", internal="subject"),
    Held("person_request_step", "every step of a request", LOG, internal="verb role data"),
    # --- how long things are kept
    Held("retention_rule", "how long things are kept", SETUP, internal="code"),
    Held("retention_change", "who changed that, and who agreed", "always", internal="rule"),
    Held(
        "retention_hold", "records that must stay", "always, the words until it is lifted",
        personal="words", internal="subject",
    ),
    Held("retention_run", "what went, in numbers", "always", internal="rules result"),
    # --- branches
    Held("branch", "party branches on the grid", "always", plain="plate reach"),
    Held("branch_place", "which grid or building is which branch's", "always"),
    Held("branch_change", "the history of a branch", "always", internal="about"),
    Held(
        "party_member", "reaching the branch's members, and who lives near whom",
        "as long as the branch keeps it",
        personal="name_masked phone_masked name_index phone_index",
        sealed={"name_enc": "name_index", "phone_enc": "phone_index"},
    ),
    Held("household_link", "which member looks after which household", "always",
         internal="consent_how"),
    Held(
        "member_organisation", "who belongs to the community's committee, and what they share",
        "while they belong, and to be looked up", plain="name", internal="shares",
        personal="contact_masked phone_masked phone_index",
        sealed={"contact_enc": "", "phone_enc": "phone_index"},
    ),
    Held("undertaking", "a community's teams, platforms and projects", "always", plain="name",
         internal="about outcome"),
    Held("cadre_assignment", "which cadre keeps in touch with which grid", "always"),
    Held("cadre_visit", "the log of a cadre's visits", "always", personal="heard settled"),
    Held("coming", "who comes to a whistle", "with the whistle", internal="arrived_grid"),
    # --- work on the street
    Held(
        "track_point", "seeing where people on duty are", "HUYING_TRACK_KEEP_DAYS (30)",
        sensitive="lon lat accuracy_m",
    ),
    Held("last_position", "calling the nearest team", "while on duty", sensitive="lon lat"),
    Held(
        "patrol_visit", "that a place was visited", "always",
        personal="lon lat accuracy_m answers said words", internal="distance_m points",
    ),
    # --- figures
    Held("left_out", "what does not count any more, and why", "always", internal="tallies"),
    Held(
        "appeal", "deciding on what somebody appeals against", "always; the words can be erased",
        personal="words first_words second_words third_words",
        internal="charge tallies against_desk",
    ),
    Held("unusual", "findings that a person decides on", "always; the words can be erased",
         personal="words", internal="guard key numbers"),
    Held("unusual_case", "which cases a finding is about", ROW),
    Held("patrol_place", "places to visit", SETUP, internal="name lon lat item_codes points"),
    Held("patrol_plan", "plans of patrols", SETUP, internal="title"),
    Held(
        "grid_task", "a task's part of one grid", "with the task",
        personal="words answers lon lat accuracy_m",
    ),
    Held("task", "tasks from above", "always", internal="title", personal="words"),
    Held("task_step", "steps of a task", "always", internal="verb actor_kind data"),
    Held("task_text", "words of a task's steps", "with the task", personal="body"),
    Held(
        "whistle", "calling units to a spot", "always", internal="title", personal="address lon lat"
    ),
    Held("survey", "registers and surveys of one's own", "always", internal="title why"),
    Held(
        "survey_target", "what is to be visited", "with the survey",
        personal="name place lon lat", internal="obstacle",
    ),
    Held(
        "survey_entry", "what was found on the spot", "while it holds, and its history",
        personal="name place words lon lat",
    ),
    Held(
        "survey_answers", "answers to the questions of a register or survey", "with the entry",
        personal="body masked", sealed={"sealed": ""},
    ),
    Held(
        "survey_mark", "finding answers about who asks what is kept of them", "with the answers",
        personal="value_index", sealed={"value_enc": "value_index"},
    ),
    Held("survey_step", "steps of an entry", LOG, internal="verb"),
    Held("survey_text", "why an entry was sent back", "with the entry", personal="body"),
    Held("survey_followed", "which grids the entries were put into", ROW, internal="version"),
    Held("whistle_call", "one unit's call", "always", internal="arrived_grid refuse_reason"),
    Held("whistle_step", "steps of a whistle", "always", internal="verb actor_kind data"),
    Held("whistle_text", "words of a whistle", "with the whistle", internal="kind",
         personal="body"),
    Held("team_shift", "shifts of a team", SETUP, internal="name"),
    Held("skill", "what somebody can do", SETUP, internal="name items"),
    # --- neighbours who help
    Held("wish", "wishes and projects to be claimed", "always", personal="title words reason"),
    Held(
        "wish_claim", "who took a wish on, and what came of it", "always",
        personal="progress result asked reason",
    ),
    Held("wish_rating", "how both sides found it", "with the claim", personal="words"),
    Held(
        "suggestion", "what somebody wants to be better", "until erased",
        personal="words spot phone_masked phone_index answer done_words",
        sealed={"phone_enc": "phone_index"},
    ),
    Held("suggestion_topic", "sorting suggestions", SETUP, plain="name signs"),
    Held("neighbour_step", "steps of wishes, teams and suggestions", "always",
         internal="subject verb actor_kind data"),
    Held("circle", "volunteer teams and groups", SETUP, plain="name words"),
    Held("circle_activity", "what they do together", "always", plain="title words spot"),
    Held("circle_certificate", "proving hours of volunteers", "always", internal="number"),
    # --- member organisations together
    Held("shared_resource", "what organisations let others use", SETUP, plain="name spot",
         internal="contact words hours"),
    Held("shared_booking", "who uses it when, and what for", "always",
         personal="purpose reason return_words"),
    Held("joint_meeting", "joint meetings of organisations", "always",
         internal="title spot chair agenda", personal="draft reason"),
    Held("joint_invitation", "which organisations came", "with the meeting",
         personal="who words"),
    Held("joint_minutes", "what a joint meeting said", "until erased, never changed",
         personal="words"),
    Held("joint_resolution", "what a joint meeting resolved", "always",
         personal="words told outcome"),
    Held("joint_follow_up", "what later meetings heard of it", "with the meeting",
         personal="words"),
    Held("joint_need", "what is wanted of the organisations", "always",
         personal="title words outcome"),
    Held("joint_project", "what is done together", "always", personal="title words outcome"),
    Held("joint_milestone", "what is to be reached by a day", "with the project",
         internal="title"),
    Held("joint_word", "how a project goes", "with the project", personal="words"),
    Held("joint_step", "steps of what is done together", LOG,
         internal="subject verb actor_kind data"),
    # --- responsibilities
    Held("item", "where an item is tried", SETUP, plain="trial_towns"),
    Held("duty_list", "what a town must do", "always", plain="entries", internal="editors"),
    Held("admission", "what a department wants taken into the grid", "always",
         plain="proposed trial_towns", internal="duties flow resources basis"),
    Held("admission_word", "what was said of an application", "with the application",
         personal="words", internal="verb"),
    Held("old_item", "what an old item has become", "always", plain="code name"),
    Held("measure_plan", "what the district has set out to do", "always", plain="title"),
    Held("measure", "one measure of a plan", "with the plan", plain="title words",
         internal="outcome helpers"),
    Held("measure_milestone", "what is to be reached by a day", "with the measure",
         plain="title", personal="evidence"),
    Held("measure_report", "how a measure goes", "with the measure", personal="words"),
    Held("evaluation", "which evaluations there are", "always", plain="name basis towns",
         internal="words"),
    Held("duty_step", "steps of lists and applications", LOG,
         internal="subject verb actor_kind data"),
    # --- the three service platforms
    Held("service_point", "where residents get something done", SETUP,
         plain="name spot phone words week grid_code"),
    Held("service_matter", "what a point does", SETUP, plain="name bring"),
    Held("service_closed_day", "when a point is closed", "always", plain="reason"),
    Held("online_guide", "what can be done online", SETUP, plain="title words link"),
    Held("platform_activity", "what residents can go to", "always",
         plain="title words spot reason"),
    Held(
        "activity_sign_up", "who comes to it; the phone if one was left",
        "the phone until 30 days after the day", personal="phone_masked phone_index",
        sealed={"phone_enc": "phone_index"},
    ),
    Held("canteen_day", "the elder canteen's menu", "always", plain="menu reason"),
    Held(
        "meal_order", "who has which meal, and where it is brought",
        "names, phones and places until 30 days after the day",
        personal="name_masked phone_masked phone_index",
        sealed={"name_enc": "", "phone_enc": "phone_index", "where_enc": ""},
    ),
    Held(
        "service_appointment", "who comes when; the phone if one was left",
        "the phone until 30 days after the day", personal="phone_masked phone_index",
        sealed={"phone_enc": "phone_index"}, internal="reason",
    ),
    # --- desks
    Held("made_report", "reports on a week or month", "always; who asked for one, 366 days",
         plain="content"),
    Held("export", "lists as files", "24 hours", internal="query purpose frozen"),
    Held("saved_view", "views of one's own", "until deleted", internal="name query"),
    Held("presence", "who has a case open", "minutes", internal="doing"),
    Held("handover_matter", "open matters told to the next shift", "always",
         internal="number state"),
    Held("handover_text", "words of a handover", "until erased", personal="body"),
    Held(
        "notice", "telling people of their work", "180 days",
        internal="kind key case_number path data",
    ),
    Held("outgoing", "messages outside", "30 days", personal="target body",
         internal="key trouble reason"),
    Held("notice_choice", "how somebody is told", ROW, internal="group how"),
    Held("notice_template", "the words of notices", SETUP, internal="kind text"),
    Held(
        "topic", "what several people report", "always",
        internal="title names words likeness heat",
    ),
    Held("topic_answer", "the answer published to all of a topic", "always", plain="text"),
    # --- scores
    Held("score_sheet", "how the work is scored", SETUP, internal="body edited_by"),
    Held("score_month", "scores of a month that is closed", "always", internal="sheets"),
    Held("score_closed", "scores of a month that is closed", "always",
         internal="subject body total grade"),
    Held("unit_rating", "what towns and communities say of departments", "always",
         personal="reason"),
    Held("report_rating", "what departments say of reports", CASE),
    Held("score_veto", "a month that is put to zero, and why", "always", internal="subject ground",
         personal="words answer lifted_why cases"),
    Held("score_veto_file", "pictures that show why", ROW),
    # --- set up, and derived
    Held("unit", "units", SETUP, plain="name department duty"),
    Held("division", "places", SETUP, plain="name short_name lon lat"),
    Held("grid", "grids", SETUP, plain="name outline area_m2 void_reason"),
    Held("grid_change", "changes of grids", "always", internal="outline_before reason"),
    Held("category", "the catalogue", SETUP, plain="name"),
    Held(
        "item_version", "the catalogue", SETUP,
        plain="name description lead_department assisting_departments evidence photo_rule "
        "escalate_words example",
    ),
    Held("form_version", "questions of items", SETUP, plain="owner definition"),
    Held("calendar_day", "the working calendar", SETUP, plain="name"),
    Held("calendar_year", "the working calendar", SETUP, plain="source"),
    Held("calendar_followed", "the working calendar", SETUP, plain="version"),
    Held("rulebook", "routing rules", SETUP, internal="rules editors"),
    Held("backtest", "trying rules", "with the rulebook", internal="result"),
    Held("suggestion_model", "suggesting items; names are taken out", "the last ones",
         internal="figures figures_before data"),
    Held("tally_fact", "figures, down to their cases", "with the log; made from it",
         plain="tallies channel kind"),
    Held("rolled_tally", "figures", "with the log; made from it",
         internal="subject", plain="by area tally"),
    Held("rolled_state", "figures", "with the log; made from it", plain="area"),
    Held("rolled_cursor", "figures", "always", plain="system"),
    Held("closed_figure", "figures that were told", "always",
         internal="subject", plain="by area tally"),
    Held("published_month", "figures for everybody", "always", plain="cells"),
    Held(
        "seal", "proving the log", LOG, plain="root previous key_id algorithm signature"
    ),
    # --- the frameworks'
    Held("auth_group", "the framework's; unused", ROW, plain="name"),
    Held("auth_permission", "the framework's; unused", ROW, plain="name codename"),
    Held("django_content_type", "the framework's", ROW, plain="app_label model"),
    Held("django_admin_log", "the framework's; unused", ROW,
         internal="object_id object_repr change_message"),
    Held("procrastinate_jobs", "work that waits; ids only", "72 hours",
         internal="queue_name task_name lock args queueing_lock"),
    Held("procrastinate_periodic_defers", "periodic work", "72 hours",
         internal="task_name periodic_id"),
    Held("procrastinate_workers", "workers", "while they run"),
)  # fmt: skip


WHY_REGISTERED: Final = "knowing who and what is where, to help and to find"


@cache
def tables() -> tuple[Held, ...]:
    """The list, with the registers of people and things."""
    from huying.registry.classes import CLASSES, Sensitivity, sealed_fields

    sealed = {(each.model, each.name): (each.enc, each.mark or "") for each in sealed_fields()}
    found = list(_TABLES)
    for model, fields in CLASSES.items():
        columns: dict[str, list[str]] = {each.value: [] for each in FieldClass}
        for name, sensitivity in fields.items():
            if sensitivity is Sensitivity.SENSITIVE:
                columns["personal"] += [f"{name}_masked", *filter(None, [sealed[model, name][1]])]
            else:
                columns[sensitivity.value].append(_column(model, name))
        found.append(
            Held(
                model._meta.db_table,
                WHY_REGISTERED,
                "while it holds, and its history",
                personal=" ".join(columns["personal"]),
                internal=" ".join(columns["internal"]),
                plain=" ".join(columns["open"]),
                sealed=dict(
                    sealed[model, name]
                    for name, each in fields.items()
                    if each is Sensitivity.SENSITIVE
                ),
            )
        )
    return tuple(found)


def _column(model: Any, name: str) -> str:
    return str(model._meta.get_field(name).column)


@cache
def held() -> dict[str, Held]:
    """The list by table."""
    return {each.table: each for each in tables()}


def models() -> list[Any]:
    """Every model of the product and of what it is built with, by table."""
    return sorted(apps.get_models(include_auto_created=True), key=lambda m: m._meta.db_table)


def fields() -> Iterator[tuple[str, str, FieldClass | None]]:
    """Every stored field: table, column and class; None where nobody has said."""
    for model in models():
        table = model._meta.db_table
        known = held()[table].classes() if table in held() else {}
        for each in model._meta.concrete_fields:
            yield table, each.column, known.get(each.column) or by_kind(each)


def page() -> str:
    """docs/data.md: what is kept of people, table by table."""
    told = [
        (table, column, each)
        for table, column, each in fields()
        if each is not None and each != FieldClass.OPEN
    ]
    rows = []
    for table, column, each in told:
        row = held()[table]
        how = " (sealed)" if column in row.sealed else ""
        rows.append(f"| `{table}` | `{column}` | {each}{how} | {row.why} | {row.kept} |\n")
    return HEAD + "".join(rows)


HEAD = """# What is kept of people

Made from `src/huying/personal.py` by `huying docs data`; edit that file, not this one.

**Open** fields may be published and are not listed: codes, counts, times, identifiers, and what
is set up for everybody. **Internal** ones are for those whose work it is. **Personal** ones tell of
one person; words that people write freely count as such. **Sensitive** ones could harm in wrong
hands. *Sealed* is SM4-GCM under a key outside the database ([audit.md](audit.md)); it is shown
masked, and in clear only for a purpose that is recorded first ([privacy.md](privacy.md)).

| table | field | class | why it is kept | how long |
|---|---|---|---|---|
"""
