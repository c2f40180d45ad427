"""Static files: of this build from its package, of its neighbours from the data folder."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from whitenoise.middleware import WhiteNoiseMiddleware
from whitenoise.responders import MissingFileError, StaticFile

from huying import builds


class StaticFiles(WhiteNoiseMiddleware):
    """Whitenoise, which knows the files of its own build alone, and what lies beside them."""

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        path = request.path_info
        if path.startswith(builds.URL) and path not in self.files and not self.autorefresh:
            neighbour = self.of_neighbour(path)
            if neighbour is not None:
                return self.serve(neighbour, request)
        return super().__call__(request)

    def of_neighbour(self, path: str) -> StaticFile | None:
        """Looked for at each request: another process may have laid it there since this began."""
        name = path.removeprefix(builds.URL)
        if not builds.NAME.fullmatch(name) or name.endswith(".gz"):
            return None
        place: Any = str(builds.folder(Path(settings.HUYING.home)) / name)
        try:
            return self.get_static_file(place, path)
        except (MissingFileError, OSError):
            return None
