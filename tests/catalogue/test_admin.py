"""The catalogue in the admin: read, a new version, a file out and in."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.messages import get_messages
from django.contrib.messages.storage.cookie import CookieStorage
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from huying.catalogue.admin import CategoryAdmin, ItemAdmin
from huying.catalogue.loading import default_csv
from huying.catalogue.models import Category, Item, ItemVersion
from huying.catalogue.versions import current, snapshot
from huying.people.acting import Actor
from huying.people.models import Account

pytestmark = pytest.mark.django_db

Ask = Callable[..., HttpRequest]


class Desk(admin.AdminSite):
    """The site without its own door; what is tested here is what lies behind it."""

    def has_permission(self, request: HttpRequest) -> bool:
        return True


@pytest.fixture
def items() -> ItemAdmin:
    return ItemAdmin(Item, Desk())


@pytest.fixture
def ask(administrator: Actor) -> Ask:
    account = Account.objects.create(username="lin", name="林")

    def request(method: str = "get", data: Any = None, by: Actor | None = administrator) -> Any:
        asked: Any = getattr(RequestFactory(), method)("/", data or {})
        asked.user, asked.actor, asked.session = account, by, {}
        asked._messages = CookieStorage(asked)
        return asked

    return request


def shown(answer: HttpResponse) -> str:
    return answer.render().content.decode() if hasattr(answer, "render") else ""


def filled(**changes: Any) -> dict[str, Any]:
    """What the browser sends back from the form for 0212."""
    said = current("0212", datetime.now(UTC))
    fields = {
        name: getattr(said, name)
        for name in (
            "name", "description", "default_level", "lead_department", "kind", "settle",
            "accept_limit_min", "sign_limit_min", "handle_limit", "handle_clock", "check_limit",
            "check_clock", "total_limit_hours", "evidence", "photo_rule", "example",
        )
    }  # fmt: skip
    return (
        fields
        | {
            "valid_from_0": "2031-01-01",
            "valid_from_1": "00:00:00",
            "assisting_departments": "; ".join(said.assisting_departments),
            "escalate_words": "\n".join(said.escalate_words),
        }
        | changes
    )


def test_the_form_starts_from_what_the_item_says_now(items: ItemAdmin, ask: Ask) -> None:
    page = shown(items.new_version(ask(), "0212"))
    assert "道路和市政设施破损" in page
    assert "塌陷; 井盖缺失; 漏电; 线缆垂落" in page
    assert "0212" in page


def test_saving_the_form_makes_the_next_version(items: ItemAdmin, ask: Ask) -> None:
    sent = filled(handle_limit=8, escalate_words="塌陷；漏电")
    request = ask("post", sent)
    answer = items.new_version(request, "0212")
    assert answer.status_code == 302, shown(answer)
    made = ItemVersion.objects.get(item="0212", version=2)
    assert (made.handle_limit, made.escalate_words) == (8, ["塌陷", "漏电"])
    assert made.author == 7
    assert "2031-01-01 00:00" in str(next(iter(get_messages(request))))
    assert current("0212", datetime(2030, 12, 31, tzinfo=UTC)).handle_limit == 16


def test_faults_are_shown_at_their_fields(items: ItemAdmin, ask: Ask) -> None:
    page = shown(
        items.new_version(ask("post", filled(evidence="gps;fotos", total_limit_hours=3)), "0212")
    )
    assert "第 5 个字符" in page
    assert "全程时限短于处置时限" in page
    assert ItemVersion.objects.filter(item="0212").count() == 1


def test_saving_without_a_change_says_so(items: ItemAdmin, ask: Ask) -> None:
    assert "内容没有任何改动" in shown(items.new_version(ask("post", filled()), "0212"))


def test_a_new_item(items: ItemAdmin, ask: Ask) -> None:
    sent = filled(code="0501", category="园林绿化", name="树木倾倒")
    assert items.new_item(ask("post", sent)).status_code == 302
    assert Category.objects.get(pk="05").name == "园林绿化"
    again = shown(items.new_item(ask("post", sent)))
    assert "已存在" in again


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_export(items: ItemAdmin, ask: Ask, form: str) -> None:
    answer = items.export(ask(), form)
    assert f".{form}" in answer["Content-Disposition"]
    assert len(answer.content) > 5_000


def upload(text: str) -> dict[str, Any]:
    return {
        "file": SimpleUploadedFile("c.csv", text.encode()),
        "valid_from_0": "2031-01-01",
        "valid_from_1": "00:00:00",
    }


def test_an_import_shows_first_and_acts_on_the_second_word(items: ItemAdmin, ask: Ask) -> None:
    text = default_csv().replace("路灯、井盖、消防栓", "路灯、井盖、消防栓、长椅", 1)
    answer: Any = items.bring_in(ask("post", upload(text)))
    assert "0104" in shown(answer)
    assert ItemVersion.objects.count() == 29
    request = ask("post", {"confirmed": answer.context_data["held"]})
    assert items.bring_in(request).status_code == 302
    assert ItemVersion.objects.count() == 30
    assert "长椅" in snapshot(datetime(2031, 1, 2, tzinfo=UTC))["0104"].description


def test_a_file_with_faults_lists_them(items: ItemAdmin, ask: Ask) -> None:
    answer: Any = items.bring_in(ask("post", upload(default_csv().replace("网格", "乡", 1))))
    page = shown(answer)
    assert "default_level" in page
    assert 'name="confirmed"' not in page


def test_a_forged_preview_is_refused(items: ItemAdmin, ask: Ask) -> None:
    assert items.bring_in(ask("post", {"confirmed": "abc:def:ghi"})).status_code == 302
    assert ItemVersion.objects.count() == 29


def test_out_of_use_and_into_use(items: ItemAdmin, ask: Ask) -> None:
    chosen = Item.objects.filter(pk="0405")
    items.take_out_of_use(ask("post"), chosen)
    assert not Item.objects.get(pk="0405").active
    items.take_into_use(ask("post"), chosen)
    assert Item.objects.get(pk="0405").active


def test_who_is_no_administrator_changes_nothing(
    items: ItemAdmin, ask: Ask, dispatcher: Actor
) -> None:
    for by in (dispatcher, None):
        request = ask(by=by)
        assert not items.has_view_permission(request)
        for view in (items.new_item, items.bring_in):
            with pytest.raises(PermissionDenied):
                view(request)
        with pytest.raises(PermissionDenied):
            items.new_version(request, "0212")
        with pytest.raises(PermissionDenied):
            items.export(request, "csv")


def test_nothing_of_the_catalogue_can_be_deleted(items: ItemAdmin, ask: Ask) -> None:
    assert not items.has_delete_permission(ask())
    assert not CategoryAdmin(Category, Desk()).has_delete_permission(ask())


def test_the_list_and_an_item_show_what_holds(items: ItemAdmin, ask: Ask) -> None:
    page = shown(items.changelist_view(ask()))
    assert "燃气、燃油和危险品隐患" in page
    page = shown(items.change_view(ask(), "0203"))
    assert "0203/version/" in page
    assert "汽油味" in page
