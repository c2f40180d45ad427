"""A model learns items from texts, says what counted, and holds nobody's name."""

import random
import sys
from functools import lru_cache

import numpy as np
import pytest

from huying.catalogue.learned import Model, UnreadableModel, digest, features, load
from huying.catalogue.training import Labelled, cross_validated, figures, learn, plain_words

LAMPS = ("路灯不亮，晚上很黑", "灯杆歪了快要倒", "路灯坏了三天没人修", "整条路的灯都不亮")
WASTE = ("垃圾桶满了没人清", "路口堆了一堆垃圾很臭", "生活垃圾乱倒，苍蝇很多", "垃圾站臭味熏人")
NOISE = ("半夜施工打桩太吵", "音响声音大，噪音扰民", "工地夜间噪音睡不着", "广场舞音响太吵")
LABELS = {"lamp": LAMPS, "waste": WASTE, "noise": NOISE}
ROADS = ("和兴路", "东沙街", "沙湾大道", "石岗路")


def made(number: int = 240, extra: str = "") -> list[Labelled]:
    chance = random.Random(7)
    found = []
    for n in range(number):
        label = chance.choice(list(LABELS))
        text = f"{chance.choice(ROADS)}{n}号{chance.choice(LABELS[label])}，请处理。{extra}"
        found.append(Labelled(text, label))
    return found


@lru_cache
def model() -> Model:
    return learn(made())


def test_it_finds_the_item_with_its_confidence_and_says_what_counted() -> None:
    (best, *_rest) = model().guess("巷口的路灯又坏了，灯不亮")
    assert best.label == "lamp"
    assert best.confidence > 0.8
    assert all(share.weight > 0 for share in best.shares)
    assert any("灯" in share.word for share in best.shares)
    assert not any(share.word in ("请处", "处理") for share in best.shares)
    total = sum(g.confidence for g in model().guess("路灯", top=3))
    assert total == pytest.approx(1, abs=0.01)


def test_what_says_nothing_leaves_it_unsure() -> None:
    assert model().guess("你好，请问什么时候上班")[0].confidence < 0.6


def test_a_model_is_read_back_as_it_was_and_nothing_else_is_read() -> None:
    data = model().as_bytes()
    again = load(data, digest(data))
    assert again.guess("垃圾很臭") == model().guess("垃圾很臭")
    broken = data[:-20] + bytes(20)
    with pytest.raises(UnreadableModel):
        load(broken, digest(data))
    with pytest.raises(UnreadableModel):
        load(broken, digest(broken))


def test_objects_in_a_model_are_never_built() -> None:
    import io

    class Trap:
        def __reduce__(self) -> tuple[object, tuple[str]]:
            return (pytest.fail, ("code ran",))

    file = io.BytesIO()
    np.savez(file, format=np.asarray([1]), labels=np.asarray([Trap()], dtype=object))
    with pytest.raises(UnreadableModel):
        load(file.getvalue(), digest(file.getvalue()))


def test_arrays_that_do_not_fit_together_are_no_model() -> None:
    import io

    file = io.BytesIO()
    np.savez(
        file, format=np.asarray([1]), labels=np.asarray(["a", "b"]),
        vocabulary=np.asarray(["路灯"]),
        rarity=np.ones(1), weights=np.ones((1, 3)), scores=np.ones((2, 2)), bias=np.ones(2),
        temperature=np.ones(1),
    )  # fmt: skip
    with pytest.raises(UnreadableModel, match="no model"):
        load(file.getvalue(), digest(file.getvalue()))


def test_the_vocabulary_holds_no_names_and_no_numbers() -> None:
    often = "我叫欧阳晓桐，电话13812345678，联系人黄淑贞。王建国先生也知道。"
    kept = learn(made(extra=often)).vocabulary
    for name in ("欧阳晓桐", "黄淑贞", "王建国"):
        pairs = {name[n : n + 2] for n in range(len(name) - 1)} | {name}
        assert pairs.isdisjoint(kept), name
    assert not any(any(c.isdigit() for c in word) for word in kept)
    # Whoever is known to have reported is left out whatever the name looks like.
    told = [Labelled(f"{x.text}小灯泡投诉", x.label, frozenset({"小灯泡"})) for x in made()]
    assert "小灯" not in learn(told).vocabulary
    # What fewer than five texts say is nothing that everybody says.
    rare = [*made(), *(Labelled(f"鑫昊贸易的路灯{n}", "lamp") for n in range(4))]
    assert "鑫昊" not in learn(rare).vocabulary


def test_digits_are_no_features_and_the_beginning_counts_twice() -> None:
    found = features("13800000000路灯" + "，" * 60 + "垃圾")
    assert found["路灯"] == 2.0
    assert found["垃圾"] == 1.0
    assert not any(any(c.isdigit() for c in word) for word in found)


def test_figures_count_silence_as_wrong() -> None:
    found = figures(["a", "a", "b", "b"], ["a", "", "b", "a"])
    assert (found.right, found.answered) == (0.5, 0.75)
    assert found.f1 == {"a": 0.5, "b": 0.6667}
    assert found.macro_f1 == pytest.approx(0.5833, abs=1e-3)


def test_model_and_words_are_measured_on_the_same_unseen_texts() -> None:
    found = cross_validated(made(150))
    assert found.model.n == found.baseline.n == 150
    assert found.model.macro_f1 > 0.9
    assert 0.5 < found.baseline.macro_f1 <= 1
    # Labels that have nothing to do with the texts cannot be learnt: no peeking.
    chance = random.Random(3)
    drawn = [Labelled(each.text, chance.choice(["x", "y"])) for each in made(150)]
    assert cross_validated(drawn).model.macro_f1 < 0.65


def test_plain_words_guess_by_what_labels_hold_more_than_others() -> None:
    guess = plain_words(made())
    assert guess("路灯坏了") == "lamp"
    assert guess("zzz") == ""


def test_pages_do_not_wait_for_scikit_learn() -> None:
    import subprocess

    code = (
        "import sys; import huying.catalogue.training, huying.catalogue.learned; "
        "sys.exit('sklearn' in sys.modules or 'scipy' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
