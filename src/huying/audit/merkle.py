"""A Merkle tree over the heads of all cases, with the shape of RFC 6962, section 2.1, and SM3.

Leaves and inner nodes are hashed apart (0x00 and 0x01 before them), so that neither passes for
the other. Pure; the root of any number of leaves takes as many hashes in memory as the number
has binary digits.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from huying.audit.sm3 import sm3


def head_leaf(case_id: UUID, seq: int, head_hash: bytes) -> bytes:
    """The leaf of one case: its id (16 bytes), last number (8, big-endian) and hash (32)."""
    return leaf(case_id.bytes + seq.to_bytes(8, "big") + head_hash)


def leaf(data: bytes) -> bytes:
    """The hash of a leaf: SM3(0x00, data)."""
    return sm3(b"\0" + data)


def node(left: bytes, right: bytes) -> bytes:
    """The hash of an inner node: SM3(0x01, left, right)."""
    return sm3(b"\1" + left + right)


class RootBuilder:
    """Takes leaves in order and gives the root at any time."""

    def __init__(self) -> None:
        self.count = 0
        self._whole: list[bytes] = []
        """Roots of complete subtrees, the largest first: one for each 1 in ``count``."""

    def add(self, leaf_hash: bytes) -> None:
        """Take the next leaf (already hashed by `leaf`)."""
        carried, count = leaf_hash, self.count
        while count & 1:
            carried = node(self._whole.pop(), carried)
            count >>= 1
        self._whole.append(carried)
        self.count += 1

    def root(self) -> bytes:
        """The root over all leaves so far; SM3 of nothing when there are none."""
        if not self._whole:
            return sm3(b"")
        result = self._whole[-1]
        for left in reversed(self._whole[:-1]):
            result = node(left, result)
        return result


def root(leaves: Iterable[bytes]) -> bytes:
    """The root over these leaves (already hashed by `leaf`), in this order."""
    builder = RootBuilder()
    for one in leaves:
        builder.add(one)
    return builder.root()


@dataclass(frozen=True, slots=True)
class Proof:
    """That a leaf stands at ``index`` among ``count``: its siblings, from the leaf upwards."""

    index: int
    count: int
    path: tuple[bytes, ...]


def prove(leaves: Sequence[bytes], index: int) -> Proof:
    """The proof of inclusion for one of these leaves.

    Raises:
        IndexError: there is no such leaf.
    """
    if not 0 <= index < len(leaves):
        raise IndexError(f"no leaf {index} among {len(leaves)}")
    path: list[bytes] = []
    level, position = list(leaves), index
    while len(level) > 1:
        if position ^ 1 < len(level):
            path.append(level[position ^ 1])
        paired = [node(level[i], level[i + 1]) for i in range(0, len(level) - 1, 2)]
        # A last leaf without a neighbour moves up as it is, which gives RFC 6962's shape.
        level = paired + level[len(level) & ~1 :]
        position >>= 1
    return Proof(index, len(leaves), tuple(path))


def proves(proof: Proof, leaf_hash: bytes, root_hash: bytes) -> bool:
    """Whether ``proof`` leads from this leaf to this root (RFC 9162, section 2.1.3.2)."""
    if not 0 <= proof.index < proof.count:
        return False
    result, position, last = leaf_hash, proof.index, proof.count - 1
    path = list(proof.path)
    while last > 0:
        if position & 1 or position < last:
            if not path:
                return False
            sibling = path.pop(0)
            result = node(sibling, result) if position & 1 else node(result, sibling)
        position >>= 1
        last >>= 1
    return not path and result == root_hash
