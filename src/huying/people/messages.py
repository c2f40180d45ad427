"""Messages to who is signed in, kept as Django keeps them, and looked for where there are any."""

from __future__ import annotations

from typing import Any

from django.contrib.messages.storage.base import BaseStorage
from django.contrib.messages.storage.fallback import FallbackStorage
from django.utils.functional import cached_property


class WhenThereAre(FallbackStorage):
    """In a cookie, else in the session; most requests have none and leave none.

    Django makes both places ready for each request.
    """

    def __init__(self, request: Any) -> None:
        BaseStorage.__init__(self, request)
        self._used_storages: set[Any] = set()

    @cached_property
    def storages(self) -> list[Any]:
        return [each(self.request) for each in self.storage_classes]
