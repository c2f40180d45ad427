"""Which item is a text about: measure how well it is suggested, and learn anew.

huying suggest eval CSV --text-column T --label-column L
huying suggest learn

`eval` reads any labelled table and prints macro-F1 by 5-fold cross-validation, of the model and of
matching words, on the same folds. `learn` does what the worker does once a week.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from typing import Any

HELP = "measure and renew the suggesting of items"
NEEDS = "django"


def arguments(parser: argparse.ArgumentParser) -> None:
    """The verbs and what each takes."""
    verbs = parser.add_subparsers(dest="verb", metavar="VERB", required=True)
    measure = verbs.add_parser("eval", help="macro-F1 on a labelled table", description=__doc__)
    measure.add_argument("file", type=Path, metavar="CSV", help="the table (UTF-8 or GB 18030)")
    measure.add_argument("--text-column", required=True, metavar="T")
    measure.add_argument("--label-column", required=True, metavar="L")
    verbs.add_parser("learn", help="learn from the desk's decisions now")


def run(options: argparse.Namespace) -> dict[str, Any]:
    """Do the verb."""
    if options.verb == "eval":
        return _eval(options)
    from django.utils import timezone

    from huying.cli import needed

    with needed("data"):
        from huying.intake.learning import learn

        return {"ok": True, **learn(now=timezone.now())}


def _eval(options: argparse.Namespace) -> dict[str, Any]:
    from huying.catalogue.training import FOLDS, Labelled, cross_validated
    from huying.cli import CommandError
    from huying.intake.suggesting import beginnings, default_catalogue, scores, words_alone

    began = time.monotonic()
    rows = _rows(options.file, options.text_column, options.label_column)
    given = [Labelled(text, label) for text, label in rows]
    labels = sorted({each.label for each in given})
    if len(labels) < 2 or len(given) < 2 * FOLDS:
        raise CommandError(f"{len(given)} texts with {len(labels)} labels are too few to measure")
    catalogue = default_catalogue()
    if all(label in catalogue for label in labels):
        baseline = "the catalogue's words"
        found = cross_validated(
            given,
            words=lambda text: words_alone(text, catalogue),
            beginnings=beginnings(catalogue),
            by_words=lambda text: scores(text, catalogue),
        )
    else:
        baseline = "words of each label, learnt from the other folds"
        found = cross_validated(given)
    return {
        "ok": True,
        "n": len(given),
        "labels": len(labels),
        "folds": FOLDS,
        "macro_f1": found.model.macro_f1,
        "accuracy": found.model.right,
        "baseline": baseline,
        "baseline_macro_f1": found.baseline.macro_f1,
        "baseline_accuracy": found.baseline.right,
        "baseline_answered": found.baseline.answered,
        "per_label": {
            label: {
                "n": sum(each.label == label for each in given),
                "f1": found.model.f1[label],
                "baseline_f1": found.baseline.f1[label],
            }
            for label in labels
        },
        "seconds": round(time.monotonic() - began, 1),
    }


def _rows(path: Path, text_column: str, label_column: str) -> list[tuple[str, str]]:
    import csv

    from huying.cli import CommandError
    from huying.intake.messages import encoding_of

    if not path.is_file():
        raise CommandError(f"there is no file {path}")
    csv.field_size_limit(1 << 24)
    with path.open(encoding=encoding_of(path), errors="replace", newline="") as file:
        reader = csv.DictReader(file)
        missing = {text_column, label_column} - set(reader.fieldnames or ())
        if missing:
            raise CommandError(f"the table has no column {', '.join(sorted(missing))}")
        found = [((row[text_column] or "").strip(), (row[label_column] or "").strip())
                 for row in reader]  # fmt: skip
    return [(text, label) for text, label in found if text and label]


def text(result: dict[str, Any]) -> str:
    """A result for people."""
    if "macro_f1" not in result:
        return str(result.get("outcome", result))
    lines = [
        f"{label:<24} {each['n']:>6}   {each['f1']:.3f}   {each['baseline_f1']:.3f}"
        for label, each in result["per_label"].items()
    ]
    head = (
        f"{result['n']} texts, {result['labels']} labels, {result['folds']} folds\n"
        f"macro-F1 {result['macro_f1']:.3f}, {result['baseline']} {result['baseline_macro_f1']:.3f}"
    )
    return "\n".join([head, f"{'label':<24} {'n':>6}   model   words", *lines])
