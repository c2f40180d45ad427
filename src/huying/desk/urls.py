"""The desk's addresses. Every new one needs its row in tests/desk/test_permissions.py."""

from django.urls import path

from huying.desk import (
    acting,
    bulk,
    exporting,
    mapping,
    pages,
    photos,
    printing,
    reporting,
    searching,
    shapes,
    today,
    undoing,
)

urlpatterns = [
    path("", pages.home, name="home"),
    path("me", pages.mine, name="me"),
    path("desk/", pages.desk, name="desk"),
    path("desk/find", searching.find, name="find"),
    path("desk/today/", today.today, name="today"),
    path("desk/map/", mapping.map_page, name="map"),
    path("desk/map/cases.json", mapping.cases, name="map_cases"),
    path("desk/map/list", mapping.listed, name="map_list"),
    path("desk/cases/new", reporting.new, name="new_case"),
    path("desk/cases/new/hints", reporting.hints, name="new_case_hints"),
    path("desk/cases/<str:number>", pages.case, name="case"),
    path("desk/cases/<str:number>/pulse", pages.pulse, name="case_pulse"),
    path("desk/cases/<str:number>/contact", acting.contact, name="case_contact"),
    path("desk/cases/<str:number>/undo", undoing.take_back, name="undo"),
    path("desk/cases/<str:number>/sheets/<slug:kind>", printing.printed, name="sheet"),
    path("desk/cases/<str:number>/<slug:verb>", acting.act, name="act"),
    path("desk/bulk/results/<uuid:token>", bulk.results, name="bulk_results"),
    path("desk/bulk/results/<uuid:token>/undo", bulk.take_all_back, name="bulk_undo"),
    path("desk/bulk/<slug:verb>", bulk.preview, name="bulk"),
    path("desk/bulk/<slug:verb>/run", bulk.run, name="bulk_run"),
    path("desk/exports", exporting.exports, name="exports"),
    path("desk/exports/<uuid:pk>/file", exporting.fetch, name="export_file"),
    path("desk/exports/<uuid:pk>/<slug:what>", exporting.change, name="export_change"),
    path("desk/photos", photos.upload, name="upload"),
    path("desk/attachments/<uuid:pk>", photos.serve, name="photo"),
    path("desk/attachments/<uuid:pk>/thumb", photos.serve, {"thumb": True}, name="thumb"),
    path("desk/grids.json", shapes.grids, name="grids"),
]
