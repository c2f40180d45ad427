"""Imports every admin registration; they live in their packages."""

from huying import jobs_admin
from huying.api import admin as api_admin
from huying.backup import admin as backup_admin
from huying.care import admin as care_admin
from huying.cases import admin as cases_admin
from huying.cases import outside_admin
from huying.catalogue import admin as catalogue_admin
from huying.clock import admin as clock_admin
from huying.dispatch import admin as dispatch_admin
from huying.exchange import admin as exchange_admin
from huying.neighbours import admin as neighbours_admin
from huying.open311 import admin as open311_admin
from huying.people import admin as people_admin
from huying.people.admin_site import site
from huying.response import admin as response_admin
from huying.wall import admin as wall_admin

__all__ = [
    "api_admin",
    "backup_admin",
    "care_admin",
    "cases_admin",
    "catalogue_admin",
    "clock_admin",
    "dispatch_admin",
    "exchange_admin",
    "jobs_admin",
    "neighbours_admin",
    "open311_admin",
    "outside_admin",
    "people_admin",
    "response_admin",
    "site",
    "wall_admin",
]
