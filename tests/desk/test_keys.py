"""A letter means one thing: on no case are two steps of one post under the same key."""

from __future__ import annotations

from collections import Counter

from huying.desk.buttons import KEYS, buttons
from tests.desk.world import World


def test_no_two_steps_share_a_key(world: World) -> None:
    cases = [
        world.held_by_town(world.reported()),
        world.accepted(),
        world.dispatched(),
        world.handling(),
        world.handled(),
        world.checked(),
        world.closed(),
    ]
    asked = world.held_by_town(world.reported())
    world.do(asked, "ask_verify", "dispatcher")
    more = world.handling()
    world.do(more, "request_extension", "handler", reason="等材料到货", amount=1)
    seen = set()
    for case in [*cases, asked, more]:
        case.refresh_from_db()
        for name in world.accounts:
            offered = buttons(world.actor(name), case)
            allowed = [each for each in (offered.first, *offered.beside, *offered.more) if each]
            seen |= {each.verb for each in allowed}
            keys = Counter(each.key for each in allowed if each.key)
            assert not [key for key, times in keys.items() if times > 1], (name, case.state, keys)
    assert {"verify", "ask_verify", "check_pass", "ask_check", "grant_extension"} <= seen
    assert set("jknxz?/") & set(KEYS.values()) == set()
