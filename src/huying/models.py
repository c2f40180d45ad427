"""Every model of the app, imported so that Django finds them. Nothing is defined here."""

from huying.api.models import Integration, Token
from huying.audit.models import AccessLog, Seal
from huying.cases.models import (
    Attachment,
    CalendarFollowed,
    Case,
    CaseContact,
    CaseEvent,
    CaseParty,
    CaseText,
    CheckRound,
    Extension,
    Hold,
    IdempotencyKey,
    Suspension,
)
from huying.catalogue.models import Category, Item, ItemVersion
from huying.clock.models import CalendarDay, CalendarYear, WorkingHours
from huying.desk.models import Export, SavedView
from huying.dispatch.models import Backtest, LikelyDuplicate, Order, Rulebook
from huying.notices.models import (
    Notice,
    NoticeAddress,
    NoticeChoice,
    NoticeTemplate,
    Outgoing,
    QuietHours,
    Subscription,
)
from huying.people.models import Account, Browser, Post, Unit
from huying.places.models import Division, GeometryVersion, Grid, GridChange
from huying.response.models import Alarm, AlarmLimit, LastPosition, Member, Shift, Skill, Turn

__all__ = [
    "AccessLog",
    "Account",
    "Alarm",
    "AlarmLimit",
    "Attachment",
    "Backtest",
    "Browser",
    "CalendarDay",
    "CalendarFollowed",
    "CalendarYear",
    "Case",
    "CaseContact",
    "CaseEvent",
    "CaseParty",
    "CaseText",
    "Category",
    "CheckRound",
    "Division",
    "Export",
    "Extension",
    "GeometryVersion",
    "Grid",
    "GridChange",
    "Hold",
    "IdempotencyKey",
    "Integration",
    "Item",
    "ItemVersion",
    "LastPosition",
    "LikelyDuplicate",
    "Member",
    "Notice",
    "NoticeAddress",
    "NoticeChoice",
    "NoticeTemplate",
    "Order",
    "Outgoing",
    "Post",
    "QuietHours",
    "Rulebook",
    "SavedView",
    "Seal",
    "Shift",
    "Skill",
    "Subscription",
    "Suspension",
    "Token",
    "Turn",
    "Unit",
    "WorkingHours",
]
