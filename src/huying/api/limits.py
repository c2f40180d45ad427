"""How often a caller may ask: one leaky bucket for each caller's reads and one for its writes."""

from __future__ import annotations

from django.conf import settings

from huying import limiting


def take(caller_id: int, *, account: bool, write: bool, cost: int = 1) -> None:
    """Counts a caller's requests against the limit that the settings name.

    Raises:
        TooMany: as `limiting.Limits.take`.
    """
    most = settings.HUYING.api_writes_per_minute if write else settings.HUYING.api_reads_per_minute
    limiting.of("limits").take(caller_id * 4 + 2 * account + write, cost, most)
