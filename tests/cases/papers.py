"""PDF files for tests: a harmless one, one that would do all it can, an encrypted one."""

from __future__ import annotations

import io
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name, Stream, String

SECRET = "张三丰"


def _saved(pdf: pikepdf.Pdf, **how: Any) -> bytes:
    target = io.BytesIO()
    pdf.save(target, **how)
    return target.getvalue()


def plain(pages: int = 1) -> bytes:
    pdf = pikepdf.new()
    for _page in range(pages):
        page = pdf.add_blank_page(page_size=(300, 200))
        page.Contents = Stream(pdf, b"0 0 1 rg 20 20 100 50 re f")
    return _saved(pdf)


def encrypted(user: str = "") -> bytes:
    pdf = pikepdf.new()
    pdf.add_blank_page()
    return _saved(pdf, encryption=pikepdf.Encryption(owner="owner", user=user))


def _script(words: str) -> Dictionary:
    return Dictionary(S=Name.JavaScript, JS=String(words))


def hostile() -> bytes:
    """Scripts in every place that runs one, a program to launch and one inside, and its maker."""
    pdf = pikepdf.new()
    page = pdf.add_blank_page(page_size=(200, 200))
    pdf.attachments["evil.exe"] = b"MZ evil program"
    root = pdf.Root
    root.OpenAction = _script("app.alert('opened')")
    root.AA = Dictionary(WC=_script("closing()"))
    root.Names.JavaScript = Dictionary(
        Names=Array([String("a"), pdf.make_indirect(_script("named()"))])
    )
    root.AcroForm = Dictionary(
        XFA=Stream(pdf, b"<xdp><script>xfa()</script></xdp>"),
        Fields=Array([]),
        CO=Array([]),
    )
    page.AA = Dictionary(O=_script("paged()"))
    more = Stream(pdf, b"elsewhere")
    more.F = String("\\\\host\\share")
    page.Contents = more

    def link(action: Dictionary, subtype: Name = Name.Link) -> Any:
        annotation = Dictionary(
            Type=Name.Annot, Subtype=subtype, Rect=Array([0, 0, 9, 9]), A=action
        )
        return pdf.make_indirect(annotation)

    web = Dictionary(S=Name.URI, URI=String("https://example.org/notice"))
    page.Annots = Array(
        [
            link(Dictionary(S=Name.Launch, F=String("cmd.exe"))),
            link(Dictionary(S=Name.SubmitForm, F=String("http://host/take"))),
            link(Dictionary(S=Name.URI, URI=String("javascript:alert(1)"))),
            link(Dictionary(S=Name.GoTo, D=Array([page.obj, Name.Fit]), Next=_script("after()"))),
            link(web),
            link(_script("film()"), Name.Screen),
            pdf.make_indirect(
                Dictionary(Type=Name.Annot, Subtype=Name.FileAttachment, Rect=Array([0, 0, 9, 9]))
            ),
        ]
    )
    with pdf.open_metadata() as told:
        told["dc:creator"] = [SECRET]
    pdf.docinfo["/Author"] = SECRET
    pdf.docinfo["/Company"] = "Wise Valley"
    return _saved(pdf)


def everything(pdf: bytes) -> str:
    """All that stands in a PDF, unpacked."""
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        parts = [repr(opened.trailer), *(repr(one) for one in opened.objects)]
        streams = [bytes(one.read_bytes()) for one in opened.objects if isinstance(one, Stream)]
    return "\n".join([*parts, *(each.decode("latin-1") for each in streams)])
