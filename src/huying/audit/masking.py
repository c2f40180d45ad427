"""What of a name, phone or number of a person is shown before anybody asks for it. Pure."""

from __future__ import annotations


def masked_name(name: str) -> str:
    """张三丰 → 张**; a name of one letter shows none."""
    return name[:1] + "*" * (len(name) - 1) if len(name) > 1 else "*" * len(name)


def masked_phone(phone: str) -> str:
    """13800000000 → 138****0000; shorter ones keep two digits at the end."""
    if len(phone) >= 11:
        return f"{phone[:-8]}****{phone[-4:]}"
    return "*" * max(len(phone) - 2, 0) + phone[-2:]


def masked_id(number: str) -> str:
    """440113198001010018 → 440*************18: neither the birthday nor the place's part."""
    if len(number) <= 5:
        return "*" * len(number)
    return number[:3] + "*" * (len(number) - 5) + number[-2:]
