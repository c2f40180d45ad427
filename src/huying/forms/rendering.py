"""One look of questions, for the desk, the phone and the public pages.

`sheet_of` makes of a definition all that a renderer needs, as JSON in the reader's language;
`html` draws it. ``frontend/src/js/forms.js`` draws the same sheet to the same letters, for pages
that have no server at hand; a test holds the two together. Without scripts every question is
there, those with a condition say it in words, and the server asks for what was to be answered.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from html import escape
from typing import Any, Final

from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from huying.forms.answering import SENTENCES
from huying.forms.conditions import as_json
from huying.forms.definition import CHOOSING, Definition, Kind, Question
from huying.forms.saying import condition_words

PREFIX: Final = "q."
"""Before a question's id in the name of its field."""


def sheet_of(definition: Definition) -> dict[str, Any]:
    """The form for a program: each question with its condition as a tree and in words."""
    return {
        "questions": [_row(each, definition) for each in definition.questions],
        "words": {
            "needed": _("needed"),
            "yes": _("yes"),
            "no": _("no"),
            "lon": _("Longitude"),
            "lat": _("Latitude"),
            "masked": _("Kept encrypted, shown masked; each look is recorded."),
            "none": _("not chosen"),
            "pick": _("Choose photos"),
            "pin": _("Set a pin on the map"),
            "troubles": {code: said() for code, said in SENTENCES.items()},
        },
    }


def _row(question: Question, definition: Definition) -> dict[str, Any]:
    row: dict[str, Any] = {
        "id": question.id,
        "kind": str(question.kind),
        "label": question.label,
        "required": question.required,
        "help": question.help,
        "sensitive": question.sensitive,
    }
    if question.kind in CHOOSING:
        row["choices"] = [{"value": c.value, "label": c.label} for c in question.choices]
    if question.kind == Kind.NUMBER:
        row |= {
            "unit": question.unit,
            "min": question.min,
            "max": question.max,
            "whole": question.whole,
        }
    if question.kept:
        row["kept"] = True
    if question.when is not None:
        row["test"] = as_json(question.when)
        row["when"] = _("Only if %s.") % condition_words(question.when, definition)
    return row


def html(
    sheet: Mapping[str, Any],
    given: Mapping[str, Any] | None = None,
    troubles: Mapping[str, Any] | None = None,
) -> SafeString:
    """The questions as fields, with what was given and why it will not do."""
    given, troubles = given or {}, troubles or {}
    words = sheet["words"]
    rows = (
        _heading(row)
        if row["kind"] == Kind.SECTION
        else _question(row, given.get(row["id"]), troubles.get(row["id"]), words)
        for row in sheet["questions"]
    )
    return mark_safe("".join(rows))  # noqa: S308 - every part is escaped by `_e`


def _e(said: Any) -> str:
    return escape(str(said), quote=True)


def _when(row: Mapping[str, Any]) -> str:
    if "when" not in row:
        return ""
    return f'<div class="form-hint q-when">{_e(row["when"])}</div>'


def _heading(row: Mapping[str, Any]) -> str:
    help_ = f'<p class="form-hint">{_e(row["help"])}</p>' if row["help"] else ""
    return (
        f'<div class="q-section" data-question="{row["id"]}">'
        f"<h3>{_e(row['label'])}</h3>{_when(row)}{help_}</div>"
    )


def _question(row: Mapping[str, Any], given: Any, trouble: Any, words: Mapping[str, str]) -> str:
    name, kind = f"{PREFIX}{row['id']}", row["kind"]
    need = f' <span class="need">{_e(words["needed"])}</span>' if row["required"] else ""
    after, described = "", []
    if row["sensitive"] or row["help"]:
        hint = " ".join(
            each for each in (row["help"], words["masked"] if row["sensitive"] else "") if each
        )
        described.append(f"hint-{name}")
        after += f'<div class="form-hint" id="hint-{name}">{_e(hint)}</div>'
    if trouble:
        described.append(f"bad-{name}")
        after += f'<div class="field-bad" id="bad-{name}">{_e(trouble)}</div>'
    attrs = f' aria-describedby="{" ".join(described)}"' if described else ""
    attrs += ' aria-invalid="true"' if trouble else ""
    body = _FIELDS.get(kind, _line)(row, name, given, attrs, words)
    start = f'class="field q" data-question="{row["id"]}"'
    if kind in _GROUPS:
        return (
            f'<fieldset {start}{attrs}><legend class="form-label">{_e(row["label"])}{need}'
            f"</legend>{_when(row)}{body}{after}</fieldset>"
        )
    return (
        f'<div {start}><label class="form-label" for="{name}">{_e(row["label"])}{need}</label>'
        f"{_when(row)}{body}{after}</div>"
    )


_GROUPS: Final = frozenset({Kind.YES_NO, Kind.ONE_OF, Kind.SEVERAL_OF, Kind.POSITION})
_TYPES: Final = {
    Kind.TEXT: "text",
    Kind.DATE: "date",
    Kind.TIME: "time",
    Kind.PHONE: "tel",
    Kind.ID_NUMBER: "text",
}


def _plain(given: Any) -> str:
    """What a field holds of what was given: words and numbers, nothing else."""
    if isinstance(given, str):
        return given
    if isinstance(given, int | float) and not isinstance(given, bool):
        return repr(given).removesuffix(".0")
    return ""


def _private(row: Mapping[str, Any]) -> str:
    return ' data-no-draft="" autocomplete="off"' if row["sensitive"] else ""


def _line(
    row: Mapping[str, Any], name: str, given: Any, attrs: str, words: Mapping[str, str]
) -> str:
    return (
        f'<input class="form-control" type="{_TYPES[row["kind"]]}" name="{name}" id="{name}"'
        f' value="{_e(_plain(given))}"{attrs}{_private(row)}>'
    )


def _lines(
    row: Mapping[str, Any], name: str, given: Any, attrs: str, words: Mapping[str, str]
) -> str:
    return (
        f'<textarea class="form-control" rows="3" name="{name}" id="{name}"{attrs}{_private(row)}>'
        f"\n{_e(_plain(given))}</textarea>"
    )


def _number(
    row: Mapping[str, Any], name: str, given: Any, attrs: str, words: Mapping[str, str]
) -> str:
    unit = f'<span class="q-unit">{_e(row["unit"])}</span>' if row["unit"] else ""
    mode = "numeric" if row["whole"] else "decimal"
    return (
        f'<div class="q-number"><input class="form-control" type="text" inputmode="{mode}"'
        f' name="{name}" id="{name}" value="{_e(_plain(given))}"{attrs}>{unit}</div>'
    )


def _choice(kind: str, name: str, value: str, label: str, chosen: bool) -> str:
    checked = " checked" if chosen else ""
    return (
        f'<label class="pick"><input type="{kind}" name="{name}" value="{_e(value)}"{checked}>'
        f'<span class="chip">{_e(label)}</span></label>'
    )


def _yes_no(
    row: Mapping[str, Any], name: str, given: Any, attrs: str, words: Mapping[str, str]
) -> str:
    yes, no = given is True or given == "yes", given is False or given == "no"
    return (
        '<div class="chip-row">'
        + _choice("radio", name, "yes", words["yes"], yes)
        + _choice("radio", name, "no", words["no"], no)
        + _none(row, name, words)
        + "</div>"
    )


def _none(row: Mapping[str, Any], name: str, words: Mapping[str, str]) -> str:
    """A way back from a choice that need not be made."""
    return "" if row["required"] else _choice("radio", name, "", words["none"], False)


def _choices(
    row: Mapping[str, Any], name: str, given: Any, attrs: str, words: Mapping[str, str]
) -> str:
    one = row["kind"] == Kind.ONE_OF
    chosen = given if isinstance(given, list) else [given]
    return (
        '<div class="chip-row">'
        + "".join(
            _choice(
                "radio" if one else "checkbox", name, c["value"], c["label"], c["value"] in chosen
            )
            for c in row["choices"]
        )
        + (_none(row, name, words) if one else "")
        + "</div>"
    )


def _photo(
    row: Mapping[str, Any], name: str, given: Any, attrs: str, words: Mapping[str, str]
) -> str:
    kept = given if isinstance(given, list) else [given] if given else []
    held = "".join(
        f'<input type="hidden" name="{name}" value="{_e(_plain(each))}">' for each in kept
    )
    return (
        f'{held}<input class="form-control" type="file" accept="image/jpeg,image/png,image/webp"'
        f' multiple name="file_{name}" id="{name}"{attrs}>'
    )


def _position(
    row: Mapping[str, Any], name: str, given: Any, attrs: str, words: Mapping[str, str]
) -> str:
    held = given if isinstance(given, dict) else {}
    fields = "".join(
        f'<label>{_e(words[part])} <input class="form-control" type="text" inputmode="decimal"'
        f' name="{name}.{part}" value="{_e(_plain(held.get(part)))}"></label>'
        for part in ("lon", "lat")
    )
    return f'<div class="q-position">{fields}</div>'


_FIELDS: Final = {
    Kind.LONG_TEXT: _lines,
    Kind.NUMBER: _number,
    Kind.YES_NO: _yes_no,
    Kind.ONE_OF: _choices,
    Kind.SEVERAL_OF: _choices,
    Kind.PHOTO: _photo,
    Kind.POSITION: _position,
}


def on_page(
    definition: Definition,
    given: Mapping[str, Any] | None = None,
    troubles: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """What ``components/questions.html`` shows: the fields, and the sheet for the page's script."""
    sheet = sheet_of(definition)
    return {"html": html(sheet, given, troubles), "sheet": json.dumps(sheet, ensure_ascii=False)}


def given_by(definition: Definition, sent: Any) -> dict[str, Any]:
    """What a page's form (a ``QueryDict``) holds for the questions."""
    found: dict[str, Any] = {}
    for question in definition.asks:
        name = f"{PREFIX}{question.id}"
        if question.kind == Kind.POSITION:
            found[question.id] = {part: sent.get(f"{name}.{part}", "") for part in ("lon", "lat")}
        elif question.kind in (Kind.SEVERAL_OF, Kind.PHOTO):
            found[question.id] = [each for each in sent.getlist(name) if each]
        else:
            found[question.id] = sent.get(name, "")
    return found
