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
        from allauth.mfa.signals import authentication_failed

        from huying.assessment import recurring  # noqa: F401 - counts beside the events of cases
        from huying.patrol import counted as _patrols  # noqa: F401
        from huying.people import bound_factors, failures
        from huying.surveys import counted as _surveys  # noqa: F401

        bound_factors.install()
        authentication_failed.connect(failures.note_code)
