"""Makes a PDF harmless. A program of its own: `python -m huying.cases.pdf < upload > cleaned`.

Reading a PDF means unpacking what a stranger packed. So it happens outside the server's
processes, with bounded memory, time and output, and the exit code says why a file was refused.

Gone afterwards: scripts, actions other than going to a page or a web address, embedded files,
sound, film and 3D, whatever fetches a file from elsewhere, forms that compute, and what the file
told about its makers. The pages stay as they look. Signatures cannot outlive a change: their
picture stays, their claim goes.
"""

from __future__ import annotations

import io
import resource
import sys
from enum import IntEnum
from typing import Any, Final

import pikepdf

MOST_PAGES: Final = 1000
MOST_OBJECTS: Final = 200_000
MEMORY: Final = 768 * 1024 * 1024
SECONDS: Final = 20
LARGEST_OUTPUT: Final = 64 * 1024 * 1024


class Refusal(IntEnum):
    """Why a file was refused, as the exit code."""

    NO_PDF = 10
    ENCRYPTED = 11
    BROKEN = 12
    TOO_LONG = 13


class RefusedError(Exception):
    """The file can't be taken."""

    def __init__(self, why: Refusal) -> None:
        super().__init__(why.name)
        self.why = why


# Taken out of every dictionary, wherever it stands.
_KEYS: Final = (
    "/AA", "/AF", "/Collection", "/EF", "/EmbeddedFiles", "/JS", "/JavaScript", "/LastModified",
    "/Legal", "/Metadata", "/Next", "/OpenAction", "/PA", "/Perms", "/PieceInfo", "/Ref",
    "/Requirements", "/RichMediaContent", "/RichMediaSettings", "/SigFlags", "/SpiderInfo",
    "/Threads", "/XFA",
)  # fmt: skip
# A stream whose data lies in another file.
_ELSEWHERE: Final = ("/F", "/FFilter", "/FDecodeParms")
_ACTIONS: Final = frozenset(
    {
        "/GoTo3DView", "/GoToDp", "/GoToE", "/GoToR", "/Hide", "/ImportData", "/JavaScript",
        "/Launch", "/Movie", "/Rendition", "/ResetForm", "/RichMediaExecute", "/SetOCGState",
        "/Sound", "/SubmitForm", "/Thread",
    }
)  # fmt: skip
_ANNOTATIONS: Final = frozenset(
    {"/3D", "/FileAttachment", "/Movie", "/RichMedia", "/Screen", "/Sound"}
)
_WEB: Final = ("http://", "https://", "mailto:", "tel:")


def cleaned(raw: bytes) -> bytes:
    """The PDF without what could act or tell.

    Raises:
        RefusedError: it is none, encrypted, broken, or of too many pages.
    """
    if not raw.startswith(b"%PDF-"):
        raise RefusedError(Refusal.NO_PDF)
    try:
        # A file that needs mending may have lost pages: better that its sender sends it whole.
        with pikepdf.open(io.BytesIO(raw), attempt_recovery=False, suppress_warnings=True) as pdf:
            if pdf.is_encrypted:
                raise RefusedError(Refusal.ENCRYPTED)
            return _cleaned(pdf)
    except pikepdf.PasswordError:
        raise RefusedError(Refusal.ENCRYPTED) from None
    except RefusedError:
        raise
    except Exception as error:  # a damaged file raises whatever comes to its reader
        raise RefusedError(Refusal.BROKEN) from error


def _cleaned(pdf: pikepdf.Pdf) -> bytes:
    if len(pdf.objects) > MOST_OBJECTS or len(pdf.pages) > MOST_PAGES:
        raise RefusedError(Refusal.TOO_LONG)
    if not len(pdf.pages):
        raise RefusedError(Refusal.BROKEN)
    for each in pdf.objects:
        _clean(each)
    if "/Info" in pdf.trailer:
        del pdf.trailer["/Info"]
    target = io.BytesIO()
    # Streams are passed on as they are: none is unpacked on the way.
    pdf.save(
        target,
        stream_decode_level=pikepdf.StreamDecodeLevel.none,
        compress_streams=False,
        object_stream_mode=pikepdf.ObjectStreamMode.generate,
    )
    return target.getvalue()


def _clean(first: Any) -> None:
    """One object with all that stands directly in it; what it refers to has its own turn."""
    waiting = [first]
    while waiting:
        one = waiting.pop()
        if isinstance(one, pikepdf.Array):
            for at in reversed(range(len(one))):
                if _is_annotation(one[at]):
                    del one[at]
            waiting += [each for each in one if not _apart(each)]
        elif isinstance(one, pikepdf.Dictionary | pikepdf.Stream):
            _clean_keys(one)
            waiting += [value for _, value in one.items() if not _apart(value)]


def _apart(value: Any) -> bool:
    return bool(getattr(value, "is_indirect", False))


def _is_annotation(value: Any) -> bool:
    return (
        isinstance(value, pikepdf.Dictionary)
        and _name(value, "/Subtype") in _ANNOTATIONS
        and "/Rect" in value
    )


def _name(one: Any, key: str) -> str:
    value = one.get(key)
    return str(value) if isinstance(value, pikepdf.Name) else ""


def _clean_keys(one: Any) -> None:
    for key in _KEYS:
        if key in one:
            del one[key]
    if isinstance(one, pikepdf.Stream):
        for key in _ELSEWHERE:
            if key in one:
                del one[key]
    if _name(one, "/FT") == "/Sig" and "/V" in one:
        del one["/V"]
    bad = _name(one, "/S") in _ACTIONS
    if _name(one, "/S") == "/URI":
        bad = not str(one.get("/URI", "")).lower().startswith(_WEB)
    if bad:
        for key in list(one.keys()):
            del one[key]


def main() -> int:
    """Standard input to standard output."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS + 1))
    resource.setrlimit(resource.RLIMIT_FSIZE, (LARGEST_OUTPUT, LARGEST_OUTPUT))
    try:
        sys.stdout.buffer.write(cleaned(sys.stdin.buffer.read()))
        sys.stdout.flush()
    except RefusedError as error:
        return int(error.why)
    except (OSError, MemoryError):
        return int(Refusal.BROKEN)
    return 0


if __name__ == "__main__":
    sys.exit(main())
