"""The benchmarks of docs/performance.md: ours against the same server's best, side by side.

Each has a module with ``run(bed, options) -> dict``. Both sides run in turns in one process tree,
on a server of their own in a folder of its own, with every promise of durability kept.
"""
