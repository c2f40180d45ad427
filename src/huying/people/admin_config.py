"""Tells Django which admin site is the one; read before any model is."""

from django.contrib.admin.apps import SimpleAdminConfig


class AdminConfig(SimpleAdminConfig):
    """Our own site, and only what ``huying.admin`` registers on it."""

    default_site = "huying.people.admin_site.Site"
