"""Keys: shown, changed for new ones while the product runs, and removed when nothing needs them.

`huying keys rotate data` makes a new key, under which everything new is sealed from then on, and
seals anew what older ones wrote, in batches. It may be stopped at any time and called again: it
goes on where it was. `huying keys rotate index` does the same for the key by which a phone number
is found; until it is done, both are looked under. `rotate seal` makes a new key for seals, and
`rotate session` one for sessions, invitations and forms; what older ones signed stays good.
`huying keys remove` takes the older ones away, of data and index after every row was looked at.
**Backups made before still need them**: keep a copy with those.
"""

from __future__ import annotations

import argparse
from typing import Any

from huying.cli import CommandError, progress, say

HELP = "show keys, change them for new ones, remove old ones"
NEEDS = "data"

RESEALED = ("data", "index")
"""Keys under which rows lie, that are sealed anew."""

SESSION = "session"
"""Django's keys: sessions, invitations, forms."""


def arguments(parser: argparse.ArgumentParser) -> None:
    verbs = parser.add_subparsers(dest="verb", required=True)
    verbs.add_parser("list", help="the ids of all keys; never the keys")
    rotate = verbs.add_parser("rotate", help="a new key, and everything sealed anew under it")
    rotate.add_argument("purpose", choices=(*RESEALED, "seal", SESSION))
    rotate.add_argument("--again", action="store_true", help="another pass, without a new key")
    rotate.add_argument("--batch", type=int, default=500, help="rows a transaction (500)")
    remove = verbs.add_parser("remove", help="take older keys away, if nothing needs them")
    remove.add_argument("purpose", choices=(*RESEALED, SESSION))
    remove.add_argument(
        "--now",
        action="store_true",
        help="session: do not wait seven days; everybody signs in anew, invitations end",
    )


def run(options: argparse.Namespace) -> dict[str, Any]:
    from django.utils import timezone

    from huying import personal, secret_keys
    from huying.audit import crypto, resealing
    from huying.audit.keys import KeyFileError, KeyPurpose
    from huying.installation import config

    if options.verb == "list":
        known = {str(p): crypto.provider().key_ids(p) for p in KeyPurpose}
        return {"ok": True, "keys": known | {SESSION: secret_keys.ids(config.secrets)}}
    if options.purpose == SESSION:
        return _session(options)
    purpose = KeyPurpose(options.purpose)
    try:
        if options.verb == "remove":
            _nothing_beside(purpose)
            gone = resealing.remove_older(purpose, personal.tables(), timezone.now())
            if gone:
                say("Backups made before this need these keys: keep a copy with them.")
            return {"ok": True, "removed": gone}
        if purpose == KeyPurpose.SEAL:
            # What older ones signed must stay provable, so nothing is signed again.
            return {"ok": True, "key": crypto.provider().add_key(purpose)}
        return _rotate(options, purpose)
    except (crypto.CryptoError, KeyFileError) as error:
        raise CommandError(str(error)) from error


def _session(options: argparse.Namespace) -> dict[str, Any]:
    """A new key for sessions, or the older ones gone."""
    from django.utils import timezone

    from huying import secret_keys
    from huying.installation import config
    from huying.people.inviting import LASTS

    now = timezone.now()
    if options.verb == "rotate":
        return {"ok": True, "key": secret_keys.add(config.secrets, now)}
    held = secret_keys.files(config.secrets)
    age = now.timestamp() - secret_keys.made_at(held[-1]) if held else 0.0
    if len(held) > 1 and age < LASTS.total_seconds() and not options.now:
        raise CommandError(
            "Sessions, and invitations for seven days, may still need an older key. "
            "With --now everybody signs in anew and invitations end."
        )
    return {"ok": True, "removed": secret_keys.remove_older(config.secrets)}


def _rotate(options: argparse.Namespace, purpose: Any) -> dict[str, Any]:
    from django.utils import timezone

    from huying import personal
    from huying.audit import resealing
    from huying.audit.keys import KeyPurpose
    from huying.people import sealed_factors

    start = resealing.again if options.again else resealing.begin
    key_id = start(purpose, timezone.now())
    factors = sealed_factors.reseal() if purpose == KeyPurpose.DATA else 0
    with progress("Sealing anew", resealing.total(personal.tables())) as advance:
        result = resealing.run(
            purpose,
            personal.tables(),
            now=timezone.now,
            batch=max(1, options.batch),
            advance=advance,
        )
    return {
        "ok": not result.damaged,
        "key": key_id,
        "rows": result.rows,
        "changed": result.changed + factors,
        "left": result.left,
        "damaged": result.damaged,
        "damaged_rows": result.named,
    }


def _nothing_beside(purpose: Any) -> None:
    """Refuses while something that is no row of ours needs an older key."""
    from huying.audit.keys import KeyPurpose
    from huying.backup import basing, place
    from huying.desk import lists_kept
    from huying.installation import config
    from huying.intake.excel import keeping
    from huying.people import sealed_factors

    if purpose != KeyPurpose.DATA:
        return
    if factors := sealed_factors.count_older():
        raise CommandError(
            f"{factors} second factors need an older key: huying keys rotate data --again"
        )
    if files := keeping.count_older():
        raise CommandError(f"{files} files of imports need an older key; they are gone after a day")
    if lists := lists_kept.count_older():
        raise CommandError(f"{lists} exported lists need an older key; they are gone after a day")
    if config.backup_dir is not None and (archived := basing.count_older(place.archive())):
        raise CommandError(
            f"{archived} files of the archive need an older key: huying backup base seals "
            f"attachments anew, and the rest is gone after {config.backup_keep_days} days"
        )


def text(result: dict[str, Any]) -> str:
    """The result for people."""
    if "keys" in result:
        return "\n".join(
            f"{name}: {', '.join(ids) or 'none yet'}" for name, ids in result["keys"].items()
        )
    if "removed" in result:
        return f"Removed: {', '.join(result['removed']) or 'there was none'}"
    if "rows" not in result:
        return f"Key {result['key']} signs from now on; what older ones signed stays good."
    damaged = [f"Cannot be read, and stays as it is: {each}" for each in result["damaged_rows"]]
    if result["damaged"] > len(damaged):
        damaged.append(f"and {result['damaged'] - len(damaged)} more")
    done = (
        f"Key {result['key']} writes. {result['rows']} rows looked at, "
        f"{result['changed']} sealed anew, {result['left']} changed meanwhile"
    )
    return "\n".join([done, *damaged])
