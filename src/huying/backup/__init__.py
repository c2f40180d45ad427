"""Backups: the database, the photos and the seals of one moment, and the way back from them.

A backup is a folder (0700, its files 0600):

    database/          what pg_dump wrote, for pg_restore
    heads.jsonl        where the chain of every case stood in that same snapshot
    attachments/       the files that the snapshot's rows name
    seals/             the seals that the snapshot holds
    keys/              only when asked for
    SHA256SUMS         every file above, as `sha256sum -c` reads it
    manifest.json      written last: a folder without it is no backup

For restoring to the second there is an archive beside it: base backups of the whole cluster and the
log of all that was changed since, with attachments and seals (`place`, `shipping`, `basing`,
`recovering`). `watching.state` says how they stand.
"""
