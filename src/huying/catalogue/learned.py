"""A model of which item a text is about, learnt from the desk's decisions. Pure.

It is linear: every pair of letters and every word that it knows adds its weight to each item, and
so does what the catalogue's own words say (`suggesting`), which is one feature an item. The sums
become confidences that hold: of suggestions with 0.8, about eight of ten were right where it was
measured. What counted for an item is therefore known exactly, word by word.

A model is kept as plain arrays. Reading one runs no code, whatever the bytes are.
"""

from __future__ import annotations

import hashlib
import io
import re
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np
import rjieba

READS: Final = 600
"""Characters of a text that are read."""
HEAD: Final = 50
"""Characters at the beginning whose features count twice."""
FORMAT: Final = 1
MOST_BYTES: Final = 64 * 2**20

_LETTERS: Final = re.compile(r"[㐀-鿿a-z]+")

Array = np.ndarray[Any, np.dtype[Any]]


class UnreadableModel(ValueError):
    """The bytes are no model, or not the one that was kept."""


@dataclass(frozen=True, slots=True)
class Share:
    """What a word of the text added to an item."""

    word: str
    weight: float


@dataclass(frozen=True, slots=True)
class Guess:
    """An item with the confidence that it is this one, and the words that counted for it."""

    label: str
    confidence: float
    shares: tuple[Share, ...]


def features(text: str) -> dict[str, float]:
    """The pairs of letters and the words of a text; those at its beginning count twice.

    Digits are none: a phone number, a door or a plate is nobody's feature.
    """
    text = text[:READS].lower()
    found: dict[str, float] = {}
    for match in _LETTERS.finditer(text):
        run, start = match.group(), match.start()
        for place in range(len(run) - 1):
            pair = run[place : place + 2]
            if start + place < HEAD:
                found[pair] = 2.0
            else:
                found.setdefault(pair, 1.0)
        place = 0
        for word in rjieba.cut(run):
            if len(word) > 2:
                if start + place < HEAD:
                    found[word] = 2.0
                else:
                    found.setdefault(word, 1.0)
            place += len(word)
    return found


@dataclass(frozen=True)
class Model:
    """Weights, one row a feature and one column a label.

    Attributes:
        scores: one row for what the catalogue's words say of each label.
        temperature: by which sums are divided so that confidences hold.
    """

    labels: tuple[str, ...]
    vocabulary: tuple[str, ...]
    rarity: Array
    weights: Array
    scores: Array
    bias: Array
    temperature: float

    @cached_property
    def _places(self) -> dict[str, int]:
        return {word: place for place, word in enumerate(self.vocabulary)}

    @cached_property
    def _columns(self) -> dict[str, int]:
        return {label: place for place, label in enumerate(self.labels)}

    def guess(
        self,
        text: str,
        by_words: Mapping[str, float] | None = None,
        top: int = 3,
        *,
        explained: bool = True,
    ) -> tuple[Guess, ...]:
        """The likeliest labels, best first; ``explained``, with what counted for each.

        ``by_words`` are what the catalogue's words say of the labels.
        """
        places, values = self._read(text)
        said = [(self._columns[c], v) for c, v in (by_words or {}).items() if c in self._columns]
        parts = self.weights[places] * values[:, None]
        sums = parts.sum(axis=0) + self.bias
        for column, value in said:
            sums = sums + self.scores[column] * value
        sums = sums / self.temperature
        odds = np.exp(sums - sums.max())
        odds /= odds.sum()
        best = np.argsort(-odds, kind="stable")[:top]
        return tuple(
            Guess(
                self.labels[c],
                min(0.99, round(float(odds[c]), 3)),
                self._shares(places, parts, int(c)) if explained else (),
            )
            for c in best
        )

    def _read(self, text: str) -> tuple[list[int], Array]:
        known, places = self._places, []
        values = []
        for word, value in features(text).items():
            if (place := known.get(word)) is not None:
                places.append(place)
                values.append(value)
        weighed = np.asarray(values, dtype=np.float32) * self.rarity[places]
        norm = float(np.sqrt((weighed**2).sum())) or 1.0
        return places, weighed / norm

    def _shares(self, places: Sequence[int], parts: Array, column: int) -> tuple[Share, ...]:
        """What counted for one label rather than for the others, the most first."""
        if not places:
            return ()
        gains = parts[:, column] - parts.mean(axis=1)
        kept: list[Share] = []
        for n in np.argsort(-gains, kind="stable")[:16]:
            word, gain = self.vocabulary[places[n]], float(gains[n])
            if gain <= 0 or len(kept) == 5:
                break
            # 井盖 within 井盖坏: one of the two says it all.
            if not any(word in each.word or each.word in word for each in kept):
                kept.append(Share(word, round(gain, 3)))
        return tuple(kept)

    def as_bytes(self) -> bytes:
        """The model as a file of arrays."""
        file = io.BytesIO()
        np.savez_compressed(
            file,
            format=np.asarray([FORMAT]),
            labels=np.asarray(self.labels),
            vocabulary=np.asarray(self.vocabulary or ("",)),
            rarity=self.rarity.astype(np.float32),
            weights=self.weights.astype(np.float32),
            scores=self.scores.astype(np.float32),
            bias=self.bias.astype(np.float32),
            temperature=np.asarray([self.temperature], dtype=np.float32),
        )
        return file.getvalue()


def digest(data: bytes) -> bytes:
    """By which a kept model is known to be the one that was measured."""
    return hashlib.sha256(data).digest()


def load(data: bytes, expected: bytes) -> Model:
    """A model from its bytes. No object in them is ever built: arrays of numbers and letters only.

    Raises:
        UnreadableModel: the bytes are not those that were kept, or are no model.
    """
    if digest(data) != expected:
        raise UnreadableModel("the digest does not match")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            if sum(each.file_size for each in packed.infolist()) > MOST_BYTES:
                raise UnreadableModel("too large")
        with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
            read = {name: arrays[name] for name in arrays.files}
    except (ValueError, OSError, zipfile.BadZipFile, KeyError) as error:
        raise UnreadableModel(str(error)) from error
    return _checked(read)


def _checked(read: Mapping[str, Array]) -> Model:
    try:
        labels, vocabulary = read["labels"], read["vocabulary"]
        n, k = len(vocabulary), len(labels)
        shapes = {
            "rarity": (n,), "weights": (n, k), "scores": (k, k), "bias": (k,), "temperature": (1,),
        }  # fmt: skip
        good = (
            int(read["format"][0]) == FORMAT
            and labels.dtype.kind == vocabulary.dtype.kind == "U"
            and all(read[name].shape == shape for name, shape in shapes.items())
            and all(bool(np.isfinite(read[name]).all()) for name in shapes)
            and float(read["temperature"][0]) > 0
        )
    except (KeyError, IndexError, TypeError, ValueError) as error:
        raise UnreadableModel(str(error)) from error
    if not good:
        raise UnreadableModel("arrays that make no model")
    return Model(
        labels=tuple(labels.tolist()),
        vocabulary=tuple(vocabulary.tolist()),
        rarity=read["rarity"],
        weights=read["weights"],
        scores=read["scores"],
        bias=read["bias"],
        temperature=float(read["temperature"][0]),
    )


_ADDRESSED: Final = re.compile(
    r"[㐀-鿿]{1,3}(?=先生|女士|小姐|师傅|阿姨|老师|大爷|大妈|医生|经理|某)"
)
_CALLED: Final = re.compile(r"(?:我叫|我是|姓名|联系人|名叫|叫做)[:：]?[㐀-鿿]{2,4}")


def without_names(text: str, names: Iterable[str]) -> str:
    """A text with blanks in place of what is, or looks like, a person's name."""
    text = text[:READS]
    for name in names:
        text = text.replace(name, " ")
    text = _CALLED.sub(" ", text)
    text = _ADDRESSED.sub(lambda match: " " * min(3, len(match.group())), text)
    return "".join(" " if kind == "nr" else word for word, kind in rjieba.tag(text))


def nameless(text: str, names: Iterable[str] = ()) -> dict[str, float]:
    """The features of a text for learning, without those that may tell of a person.

    ``names`` are people's who are known to belong to the text, its reporter's for one. What the
    tagger takes for a person's name is no feature either.
    """
    return features(without_names(text, names))
