-- The server's replicas and how far each is behind. Their names and places are shown to roles that
-- may read all statistics; to others only that they are there.
SELECT coalesce(application_name, ''), state IS NOT NULL AS seen,
       CASE WHEN sent_lsn = replay_lsn THEN 0
            ELSE coalesce(extract(epoch FROM replay_lag), 0) END::float8 AS seconds,
       CASE WHEN pg_is_in_recovery() THEN NULL
            ELSE pg_wal_lsn_diff(pg_current_wal_lsn(), replay_lsn) END::float8 AS bytes
FROM pg_stat_replication
-- A base backup that is being made is no replica, and is gone in an hour.
WHERE pid NOT IN (SELECT pid FROM pg_stat_progress_basebackup)
  AND coalesce(application_name, '') <> 'pg_basebackup'
