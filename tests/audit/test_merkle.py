"""The tree over all heads: the shape of RFC 6962, and proofs that cannot be bent."""

from __future__ import annotations

import uuid
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huying.audit.merkle import RootBuilder, head_leaf, leaf, node, prove, proves, root
from huying.audit.sm3 import sm3


def by_definition(leaves):
    """RFC 6962, section 2.1, word for word."""
    if not leaves:
        return sm3(b"")
    if len(leaves) == 1:
        return leaves[0]
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return node(by_definition(leaves[:split]), by_definition(leaves[split:]))


def some(count):
    return [leaf(n.to_bytes(4, "big")) for n in range(count)]


def test_the_streamed_root_is_the_one_of_the_standard():
    for count in range(70):
        assert root(some(count)) == by_definition(some(count))


def test_the_builder_keeps_only_a_few_hashes():
    builder = RootBuilder()
    for one in some(5000):
        builder.add(one)
        assert len(builder._whole) == builder.count.bit_count()


def test_leaves_and_nodes_are_hashed_apart():
    left, right = some(2)
    assert node(left, right) != leaf(left + right)
    assert node(left, right) == sm3(b"\1" + left + right)


def test_a_heads_leaf_names_case_number_and_hash():
    case = uuid.UUID(int=5)
    assert head_leaf(case, 9, bytes(32)) == sm3(
        b"\0" + case.bytes + b"\0\0\0\0\0\0\0\x09" + bytes(32)
    )


def test_every_leaf_can_be_proved_and_nothing_else():
    for count in range(1, 40):
        leaves = some(count)
        top = root(leaves)
        for index in range(count):
            proof = prove(leaves, index)
            assert proves(proof, leaves[index], top)
            assert not proves(proof, leaf(b"other"), top)
            if count > 1:
                assert not proves(replace(proof, index=(index + 1) % count), leaves[index], top)
                assert not proves(replace(proof, path=proof.path[:-1]), leaves[index], top)
            assert not proves(replace(proof, path=(*proof.path, bytes(32))), leaves[index], top)
            assert not proves(replace(proof, count=index), leaves[index], top)
    with pytest.raises(IndexError):
        prove(some(3), 3)


@given(st.integers(1, 200), st.data())
def test_one_leaf_changed_removed_or_moved_changes_the_root(count, data):
    leaves = some(count)
    place = data.draw(st.integers(0, count - 1))
    top = root(leaves)
    assert root([*leaves[:place], leaf(b"x"), *leaves[place + 1 :]]) != top
    assert root([*leaves[:place], *leaves[place + 1 :]]) != top
    if place:
        assert root([*leaves[:place - 1], leaves[place], leaves[place - 1],
                     *leaves[place + 1 :]]) != top  # fmt: skip
