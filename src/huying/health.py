"""/healthz: whether this installation can do its work."""

from __future__ import annotations

from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, JsonResponse

from huying import __version__


def state() -> dict[str, object]:
    """What `/healthz` answers: `ok`, `version`, `database`, `migrations` (how many are missing)."""
    answer: dict[str, object] = {"ok": False, "version": __version__, "database": False}
    try:
        executor = MigrationExecutor(connection)
        answer["database"] = True
        missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
        answer["migrations_missing"] = len(missing)
        answer["ok"] = not missing
    except Exception as error:
        answer["error"] = type(error).__name__
    return answer


def healthz(request: HttpRequest) -> JsonResponse:
    """200 when the database answers and is migrated, 503 otherwise; no secrets in either."""
    answer = state()
    return JsonResponse(answer, status=200 if answer["ok"] else 503)
