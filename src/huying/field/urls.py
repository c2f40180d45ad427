"""The phone's addresses. Every new one needs its row in tests/field/test_permissions.py."""

from django.urls import path

from huying.field import app, assigned, care, data, patrol, surveys, trusting

urlpatterns = [
    path("field", app.home, name="field_home"),
    path("field/", app.shell, name="field"),
    path("field/tasks", app.shell, name="field_tasks"),
    path("field/cases/<str:number>", app.shell, name="field_case"),
    path("field/cases/<str:number>/<slug:verb>", app.shell, name="field_act"),
    path("field/assigned", app.shell, name="field_assigned"),
    path("field/assigned/<str:part>", app.shell, name="field_assignment"),
    path("field/assigned/<uuid:pk>/<slug:step>", assigned.step, name="field_assigned_step"),
    path("field/patrol", app.shell, name="field_patrol"),
    path("field/patrol/<str:place>", app.shell, name="field_patrol_place"),
    path("field/p/<str:code>", app.shell, name="field_patrol_code"),
    path("field/patrol/<uuid:pk>/<slug:step>", patrol.step, name="field_patrol_step"),
    path("field/care", app.shell, name="field_care"),
    path("field/care/<str:person>", app.shell, name="field_care_person"),
    path("field/care/<uuid:pk>/<slug:step>", care.step, name="field_care_step"),
    path("field/surveys", app.shell, name="field_surveys"),
    path("field/surveys/<str:survey>", app.shell, name="field_survey"),
    path("field/surveys/<str:survey>/new", app.shell, name="field_survey_new"),
    path("field/surveys/<str:survey>/targets/<str:target>", app.shell, name="field_survey_target"),
    path("field/surveys/<str:survey>/entries/<str:entry>", app.shell, name="field_survey_entry"),
    path("field/surveys/<uuid:pk>/do/<slug:step>", surveys.step, name="field_survey_step"),
    path("field/duty/<slug:step>", patrol.on_duty, name="field_duty"),
    path("field/track", patrol.track, name="field_track"),
    path("field/report", app.shell, name="field_report"),
    path("field/settle", app.shell, name="field_settle"),
    path("field/outbox", app.shell, name="field_outbox"),
    path("field/grid", app.shell, name="field_grid"),
    path("field/inbox", app.shell, name="field_inbox"),
    path("field/me", app.shell, name="field_me"),
    path("field/sw.js", app.worker, name="field_worker"),
    path("field/manifest.webmanifest", app.manifest_file, name="field_manifest"),
    path("field/trust", trusting.trust, name="field_trust"),
    path("field/authority.crt", trusting.authority, name="field_authority"),
    path("field/who", data.who, name="field_who"),
    path("field/data", data.everything, name="field_data"),
    path("field/hints", data.hints, name="field_hints"),
]
