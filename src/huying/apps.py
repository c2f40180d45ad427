"""The one Django app; the packages inside it are plain Python packages."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class HuyingConfig(AppConfig):
    """One app label, so that boundaries are kept by import rules and not by app labels."""

    name = "huying"
    label = "huying"
    verbose_name = _("huying")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from huying.people import bound_factors

        bound_factors.install()
