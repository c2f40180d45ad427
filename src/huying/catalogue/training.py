"""Learns a model from labelled texts, and measures models fairly. Pure; needs scikit-learn.

scikit-learn is imported where it is used: it takes seconds, and no page needs it.
"""

from __future__ import annotations

import math
import warnings
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np
import rjieba

from huying.catalogue.learned import Array, Model, nameless

FEWEST_TEXTS: Final = 5
"""A feature that fewer texts hold is none: it may be somebody's name, and says little."""
MOST_FEATURES: Final = 20_000
FOLDS: Final = 5
SEED: Final = 20260301
CALIBRATES: Final = 0.2
"""The share of the texts, the newest, by which confidences are set right."""

ByWords = Callable[[str], Mapping[str, float]]
Guesser = Callable[[str], str]


@dataclass(frozen=True)
class Labelled:
    """A text with the label that somebody gave it, and the names of people known to be in it."""

    text: str
    label: str
    names: frozenset[str] = frozenset()

    @cached_property
    def words(self) -> dict[str, float]:
        """Its features, without names."""
        return nameless(self.text, self.names)


def learn(
    given: Sequence[Labelled],
    *,
    beginnings: Sequence[Labelled] = (),
    by_words: ByWords | None = None,
    calibrated: bool = True,
) -> Model:
    """A model of the labels, from texts in the order of time.

    A feature that fewer than `FEWEST_TEXTS` hold is left out, and so are names (`learned`). Which
    label is likeliest does not hang on whether the confidences are ``calibrated``.

    ``beginnings`` are texts that stand for a label before anybody has decided anything: the
    catalogue's own words. They teach weights, but are no decisions.
    """
    held = Counter(word for each in given for word in each.words)
    started = {word for each in beginnings for word in each.words}
    kept = [word for word, number in held.items() if number >= FEWEST_TEXTS and word not in started]
    kept += started
    kept.sort(key=lambda word: (-held[word], word))
    vocabulary = tuple(sorted(kept[:MOST_FEATURES]))
    rarity = np.asarray(
        [math.log((1 + len(given)) / (1 + held[word])) + 1 for word in vocabulary],
        dtype=np.float32,
    )
    labels = tuple(sorted({each.label for each in (*given, *beginnings)}))
    known = _Known(vocabulary, rarity, labels, by_words)
    cut = len(given) - round(len(given) * CALIBRATES)
    temperature = 1.0
    if calibrated and len(given) - cut >= 20 and len({each.label for each in given[:cut]}) > 1:
        earlier = known.fit([*given[:cut], *beginnings])
        temperature = _temperature(earlier, given[cut:], by_words)
    fitted = known.fit([*given, *beginnings])
    return Model(
        fitted.labels, vocabulary, rarity, fitted.weights, fitted.scores, fitted.bias, temperature
    )


@dataclass(frozen=True, slots=True)
class _Known:
    vocabulary: tuple[str, ...]
    rarity: Array
    labels: tuple[str, ...]
    by_words: ByWords | None

    def matrix(self, given: Sequence[Labelled]) -> Any:
        """One row a text: its features, and behind them what the words say of each label."""
        from scipy.sparse import csr_matrix

        places = {word: place for place, word in enumerate(self.vocabulary)}
        columns = {label: place for place, label in enumerate(self.labels)}
        values: list[float] = []
        indices: list[int] = []
        starts = [0]
        for each in given:
            found = {
                places[word]: value * float(self.rarity[places[word]])
                for word, value in each.words.items()
                if word in places
            }
            norm = math.sqrt(sum(value * value for value in found.values())) or 1.0
            indices += found
            values += [value / norm for value in found.values()]
            if self.by_words is not None:
                for label, score in self.by_words(each.text).items():
                    if label in columns:
                        indices.append(len(self.vocabulary) + columns[label])
                        values.append(score)
            starts.append(len(indices))
        shape = (len(given), len(self.vocabulary) + len(self.labels))
        return csr_matrix((values, indices, starts), shape=shape, dtype=np.float64)

    def fit(self, given: Sequence[Labelled]) -> Model:
        from sklearn.linear_model import LogisticRegression
        from threadpoolctl import threadpool_limits

        found = LogisticRegression(C=8.0, max_iter=200, tol=1e-3)
        # More threads than idle cores make it ten times slower, and others want the cores.
        with threadpool_limits(1):
            found.fit(self.matrix(given), [each.label for each in given])
        classes = [str(label) for label in found.classes_]
        coefficients, bias = found.coef_, found.intercept_
        if len(classes) == 2:
            coefficients = np.vstack([-coefficients[0] / 2, coefficients[0] / 2])
            bias = np.asarray([-bias[0] / 2, bias[0] / 2])
        n, k = len(self.vocabulary), len(self.labels)
        weights = np.zeros((n, k), dtype=np.float32)
        scores = np.zeros((k, k), dtype=np.float32)
        # A label without a text cannot be learnt; it must not win by knowing nothing.
        biases = np.full(k, float(bias.min()) - 20.0, dtype=np.float32)
        for row, label in enumerate(classes):
            column = self.labels.index(label)
            weights[:, column] = coefficients[row, :n]
            scores[:, column] = coefficients[row, n:]
            biases[column] = bias[row]
        return Model(self.labels, self.vocabulary, self.rarity, weights, scores, biases, 1.0)


def _temperature(model: Model, given: Sequence[Labelled], by_words: ByWords | None) -> float:
    """By which the sums are to be divided so that confidences hold on texts not learnt from."""
    rows = []
    for each in given:
        said = by_words(each.text) if by_words is not None else None
        guesses = model.guess(each.text, said, top=len(model.labels), explained=False)
        rows.append({guess.label: max(guess.confidence, 1e-4) for guess in guesses})

    def loss(temperature: float) -> float:
        total = 0.0
        for each, row in zip(given, rows, strict=True):
            powers = {label: value ** (1 / temperature) for label, value in row.items()}
            right = powers.get(each.label, 1e-6) / sum(powers.values())
            total -= math.log(max(right, 1e-9))
        return total

    return min((0.5 + 0.1 * step for step in range(36)), key=loss)


# --- measuring


@dataclass(frozen=True, slots=True)
class Figures:
    """How good guesses are. No guess counts as a wrong one.

    Attributes:
        macro_f1: the mean of the labels' F1: a rare one counts as much as a common one.
        right: the share of all texts that got the right label.
        answered: the share that got any.
    """

    n: int
    macro_f1: float
    right: float
    answered: float
    f1: Mapping[str, float]


def figures(truth: Sequence[str], guessed: Sequence[str]) -> Figures:
    """The figures of guesses (empty: none) against what the labels were."""
    both: Counter[str] = Counter()
    true, told = Counter(truth), Counter(label for label in guessed if label)
    for label, guess in zip(truth, guessed, strict=True):
        both[label] += label == guess
    f1 = {
        label: round(2 * both[label] / (number + told[label]), 4)
        for label, number in sorted(true.items())
    }
    n = max(1, len(truth))
    return Figures(
        n=len(truth),
        macro_f1=round(sum(f1.values()) / max(1, len(f1)), 4),
        right=round(both.total() / n, 4),
        answered=round(told.total() / n, 4),
        f1=f1,
    )


@dataclass(frozen=True, slots=True)
class Compared:
    """The model and the words that labels are known by, on the same folds."""

    model: Figures
    baseline: Figures


def cross_validated(
    given: Sequence[Labelled],
    *,
    words: Guesser | None = None,
    beginnings: Sequence[Labelled] = (),
    by_words: ByWords | None = None,
) -> Compared:
    """Every text is guessed once, by a model that has not seen it; stratified folds.

    ``words`` guesses by words that are known beforehand. Without it the words of each label are
    learnt from the other folds (`plain_words`), so that the baseline sees what the model sees.
    """
    from sklearn.model_selection import StratifiedKFold

    truth = [each.label for each in given]
    guessed, matched = [""] * len(given), [""] * len(given)
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=SEED)
    with warnings.catch_warnings():
        # A label with fewer texts than folds is in some of them only; its F1 is told all the same.
        warnings.simplefilter("ignore", UserWarning)
        parts = list(folds.split(np.zeros(len(given)), truth))
    for seen, unseen in parts:
        train = [given[n] for n in seen]
        model = learn(train, beginnings=beginnings, by_words=by_words, calibrated=False)
        match = words or plain_words(train)
        for n in unseen:
            text = given[n].text
            said = by_words(text) if by_words is not None else None
            guessed[n] = model.guess(text, said, top=1, explained=False)[0].label
            matched[n] = match(text)
    return Compared(figures(truth, guessed), figures(truth, matched))


WORDS_OF_A_LABEL: Final = 60


def plain_words(given: Sequence[Labelled]) -> Guesser:
    """Matching words, as somebody who knows the texts would list them: for each label the words
    that its texts hold most and others' least, `WORDS_OF_A_LABEL` of them, each with its weight."""
    held: dict[str, Counter[str]] = defaultdict(Counter)
    sizes = Counter(each.label for each in given)
    for each in given:
        held[each.label].update({word for word in rjieba.cut(each.text) if len(word) > 1})
    share = {label: {w: n / sizes[label] for w, n in c.items()} for label, c in held.items()}
    everywhere: Counter[str] = Counter()
    for words in share.values():
        everywhere.update(words)
    listed: dict[str, dict[str, float]] = defaultdict(dict)
    for label, words in share.items():
        # How much more often than on the average of all labels.
        weights = {w: s * math.log(s * len(share) / everywhere[w] + 1) for w, s in words.items()}
        for word in sorted(weights, key=lambda w: (-weights[w], w))[:WORDS_OF_A_LABEL]:
            listed[word][label] = weights[word]

    def guess(text: str) -> str:
        totals: dict[str, float] = defaultdict(float)
        for word in set(rjieba.cut(text)):
            for label, weight in listed.get(word, {}).items():
                totals[label] += weight
        return min(totals, key=lambda label: (-totals[label], label)) if totals else ""

    return guess
