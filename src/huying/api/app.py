"""The interface put together: its routers, its description, its way of saying no."""

from __future__ import annotations

from functools import cached_property
from http import HTTPStatus
from typing import Any, Final

from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.http import Http404, HttpRequest
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError
from ninja.openapi.schema import OpenAPISchema
from ninja.parser import Parser
from ninja.renderers import BaseRenderer
from pydantic.json_schema import models_json_schema
from pydantic_core import from_json, to_json

from huying import __version__
from huying.api import attachments, cases, catalogue, places, verbs
from huying.api.keyed import HEADER
from huying.api.problems import PROBLEM_JSON, respond
from huying.api.schemas import KeyedReportIn, Problem
from huying.errors import HuyingError

DESCRIPTION: Final = """
呼应的接口：上报、查询、办理案件，与网页走同一个入口、守同一张流转表。
The interface of huying: report, read and move cases, by the same door and flow table as the pages.

* 写操作须带 `Idempotency-Key`；同一键同一内容，结果相同且只办一次。Every write needs an
  `Idempotency-Key`; the same key with the same content is done once and answered the same.
* 出错时返回 problem+json：`code` 给程序，`detail_zh` 与 `detail` 给人。Errors are problem+json.
* 只能看到令牌的角色与范围内的案件。A token sees what its role and area may see.
"""

READ_PROBLEMS: Final = (400, 401, 403, 404, 422, 429, 500)
WRITE_PROBLEMS: Final = (400, 401, 403, 404, 409, 413, 422, 429, 500)
NOT_KEYED: Final = frozenset({"locate", "report_batch"})
"""Writes without a key of their own: one changes nothing, the other's reports have theirs."""


class Json(BaseRenderer):
    """Answers as JSON, written by pydantic's own serializer."""

    media_type = "application/json"

    def render(self, request: HttpRequest, data: Any, *, response_status: int) -> bytes:
        return to_json(data)


class JsonParser(Parser):
    """Bodies as JSON, read by pydantic's own parser."""

    def parse_body(self, request: HttpRequest) -> dict[str, Any]:
        body: dict[str, Any] = from_json(request.body)
        return body


class Interface(NinjaAPI):
    """The API. Its description is made once a process, and says what every refusal looks like."""

    @cached_property
    def _described(self) -> OpenAPISchema:
        described = super().get_openapi_schema()
        _, models = models_json_schema(
            [(Problem, "serialization"), (KeyedReportIn, "validation")],
            ref_template="#/components/schemas/{model}",
        )
        described["components"]["schemas"].update(models["$defs"])
        described["servers"] = [{"url": "/"}]
        for operations in described["paths"].values():
            for method, operation in operations.items():
                _complete(method, operation)
        return described

    def get_openapi_schema(
        self, *, path_prefix: str | None = None, path_params: Any = None
    ) -> OpenAPISchema:
        return self._described


def _complete(method: str, operation: dict[str, Any]) -> None:
    """What the framework cannot know of an operation: its refusals, its key, its raw bodies."""
    name = operation["operationId"]
    for status in READ_PROBLEMS if method == "get" else WRITE_PROBLEMS:
        operation["responses"][status] = {
            "description": HTTPStatus(status).phrase,
            "content": {PROBLEM_JSON: {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
    keyed = method == "post" and name not in NOT_KEYED
    if keyed or name == "get_pieces":
        operation["parameters"].append(
            {
                "in": "header",
                "name": HEADER,
                "required": True,
                "schema": {"type": "string", "pattern": "^[!-~]{1,80}$"},
                "description": "幂等键: a value that is new for each new write",
            }
        )
    if keyed:
        for status, response in operation["responses"].items():
            if status < 300:
                response["headers"] = {
                    "Idempotency-Replayed": {
                        "description": "`true` when this was done before",
                        "schema": {"type": "string", "enum": ["true"]},
                    }
                }
    if name == "report_batch":
        item = {"$ref": "#/components/schemas/KeyedReportIn"}
        reports = {"type": "array", "items": item, "minItems": 1, "maxItems": 500}
        schema = {
            "type": "object",
            "properties": {"reports": reports},
            "required": ["reports"],
            "additionalProperties": False,
        }
        operation["requestBody"] = {
            "content": {"application/json": {"schema": schema}},
            "required": True,
        }
    if name in ("get_attachment", "get_thumb"):
        kinds = ["image/jpeg"] + ["application/pdf"] * (name == "get_attachment")
        operation["responses"][200] = {
            "description": "OK",
            "content": {kind: {"schema": {"type": "string", "format": "binary"}} for kind in kinds},
        }


def make() -> Interface:
    """The API with all its operations."""
    api = Interface(
        title="呼应 API",
        version=__version__,
        description=DESCRIPTION.strip(),
        docs_url=None,
        urls_namespace="api",
        renderer=Json(),
        parser=JsonParser(),
    )
    for prefix, router in (
        ("/places", places.router),
        ("/catalogue", catalogue.router),
        ("/cases", cases.router),
        ("/cases", verbs.router),
        ("/attachments", attachments.router),
    ):
        api.add_router(prefix, router)
    for kind in (
        Exception,
        HuyingError,
        ValidationError,
        HttpError,
        Http404,
        RequestDataTooBig,
        SuspiciousOperation,
    ):
        api.add_exception_handler(kind, respond)
    return api


api = make()
