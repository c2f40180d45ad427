"""The administrator's pages are in Chinese, the tables of libraries as well as our own."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.contrib.admin.utils import flatten_fieldsets, label_for_field
from django.contrib.auth.models import AnonymousUser
from django.test import RequestFactory
from django.utils import translation

from huying.people.admin_site import site

CHINESE = re.compile(r"[\u4e00-\u9fff]")
NAMES = {"ID", "id", "code", "URL"}
"""What is said so in Chinese too."""


def models() -> list[Any]:
    return sorted(site._registry, key=lambda model: str(model._meta.label))


@pytest.mark.parametrize("model", models(), ids=lambda model: str(model._meta.label))
def test_a_tables_columns_and_fields_have_chinese_names(model: Any, db: None) -> None:
    page = site._registry[model]
    request = RequestFactory().get("/admin/")
    request.user = AnonymousUser()
    with translation.override("zh-hans"):
        shown = {*page.list_display, *flatten_fieldsets(page.get_fieldsets(request))}
        said = {
            name: str(label_for_field(name, model, page))
            for name in shown
            if isinstance(name, str) and name != "action_checkbox"
        }
        said[""] = str(getattr(page, "shown_as", None) or model._meta.verbose_name_plural)
        strange = {
            name: words
            for name, words in said.items()
            if not CHINESE.search(words) and words not in NAMES
        }
    assert strange == {}
