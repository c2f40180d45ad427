"""What is let onto the disk of what a request carries, before anybody has looked at it."""

from __future__ import annotations

import tempfile
from typing import Any, Final

from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, SkipFile

MOST_BYTES: Final = 150 * 1024 * 1024
"""Of a whole request: nine photos of 15 MB, and the words that go with them."""


class Gate(FileUploadHandler):
    """Keeps files of those who are not signed in off the disk, and of all what is too much.

    A form is read to find its security token, and so before anything else is asked. The interface
    has asked for the token of a caller who has no session by then; a view that knows its callers
    otherwise says so by its own ``lets_files_in``.
    """

    def handle_raw_input(
        self, input_data: Any, meta: Any, content_length: int, boundary: Any, encoding: Any = None
    ) -> None:
        if content_length > MOST_BYTES:
            raise RequestDataTooBig("the request is larger than any form's")

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        account = getattr(self.request, "user", None)
        if account is None or account.is_authenticated:
            return
        match = getattr(self.request, "resolver_match", None)
        if match is None:
            raise SkipFile
        lets_in = getattr(match.func, "lets_files_in", None)
        if lets_in is None or not lets_in(self.request, **match.kwargs):
            raise SkipFile

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        return raw_data  # on to those who keep it

    def file_complete(self, file_size: int) -> None:
        return None


class Nameless(FileUploadHandler):
    """Keeps what is too large for the memory in a file without a name.

    Django's own has one in the folder of all users' scraps, where it stays when the process is
    killed: a table of names and phones, or a photo with the position in its metadata.
    """

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self.file: UploadedFile | None = UploadedFile(
            tempfile.TemporaryFile(),  # noqa: SIM115 - closed with the request
            self.file_name,
            self.content_type,
            0,
            self.charset,
            self.content_type_extra,
        )

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        assert self.file is not None
        self.file.write(raw_data)

    def file_complete(self, file_size: int) -> UploadedFile | None:
        file, self.file = self.file, None
        if file is not None:
            file.seek(0)
            file.size = file_size
        return file

    def upload_interrupted(self) -> None:
        if file := getattr(self, "file", None):
            file.close()
