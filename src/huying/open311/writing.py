"""Answers as JSON and as XML. Pure."""

from __future__ import annotations

import json
import re
from enum import StrEnum
from typing import Any, Final
from xml.etree import ElementTree

_ONE_OF: Final = {
    "services": "service",
    "attributes": "attribute",
    "values": "value",
    "service_requests": "request",
    "errors": "error",
    "endpoints": "endpoint",
    "formats": "format",
}
"""What a member of each list is called in XML."""

_NOT_XML: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class Form(StrEnum):
    JSON = "json"
    XML = "xml"

    @property
    def content_type(self) -> str:
        kind = "application/json" if self is Form.JSON else "text/xml"
        return f"{kind}; charset=utf-8"


def form_of(extension: str, accept: str) -> Form | None:
    """The form that the address names; without one the header's, and XML, which all must speak.

    None for a form that there is not.
    """
    if extension:
        return Form(extension) if extension in set(Form) else None
    return Form.JSON if "json" in accept.lower() else Form.XML


def write(form: Form, root: str, body: Any, *, namespace: str = "") -> bytes:
    """The body in a form; ``root`` names the whole, which only XML says."""
    if form is Form.JSON:
        return json.dumps(body, ensure_ascii=False).encode()
    element = _element(root, body)
    if namespace:
        element.set("xmlns", namespace)
    return ElementTree.tostring(element, encoding="utf-8", xml_declaration=True)


def _element(name: str, value: Any) -> ElementTree.Element:
    element = ElementTree.Element(name)
    if isinstance(value, dict):
        element.extend(_element(each, inner) for each, inner in value.items())
    elif isinstance(value, list):
        element.extend(_element(_ONE_OF[name], inner) for inner in value)
    elif isinstance(value, bool):
        element.text = "true" if value else "false"
    elif value is not None:
        element.text = _NOT_XML.sub("\ufffd", str(value))
    return element
