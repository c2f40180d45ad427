"""Text files as people in China save them. Pure, and without Django: a reader of tables asks."""

from __future__ import annotations


def decoded(data: bytes) -> str:
    """The text: UTF-8, with or without a mark, or what Excel and WPS write (GB18030).

    Raises:
        ValueError: it is no text.
    """
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("gb18030")
    if "\0" in text:
        raise ValueError("there is a null in it")
    return text
