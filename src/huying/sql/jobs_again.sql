-- Puts back into the queue: jobs whose worker has died over them, or could not write down that it
-- is done with them, and jobs that failed and may be tried again, each time later. What has used up its tries stays failed, or becomes so. Periodic
-- work that runs again by itself, and what waits a second time already, is left out: the newer one
-- does what the older one should have.
WITH troubled AS MATERIALIZED (
    SELECT job.id, job.status, job.attempts, job.queueing_lock, job.task_name,
        job.status = 'failed' AS failed
    FROM procrastinate_jobs job
    LEFT JOIN procrastinate_workers worker ON worker.id = job.worker_id
    WHERE (job.status = 'doing' OR job.status = 'failed')
        AND (
            (
                job.status = 'doing'
                AND (worker.id IS NULL
                    OR (worker.id = ANY (%(workers)s) AND job.id = ANY (%(let_go)s))
                    OR worker.last_heartbeat < now() - make_interval(secs => %(silent_s)s))
            )
            OR (
                job.status = 'failed'
                AND job.attempts < %(tries)s
                AND job.queue_name <> ALL (%(once)s)
                -- One that was put back while its worker still had it, taken for dead, and which
                -- that worker then says has failed, is written down as cancelled.
                AND coalesce((
                    SELECT max(event.at)
                    FROM procrastinate_events event
                    WHERE event.job_id = job.id AND event.type IN ('failed', 'cancelled')
                ), '-infinity') < now() - make_interval(
                    secs => least(%(longest_s)s, %(first_s)s * 4 ^ greatest(job.attempts - 1, 0)))
            )
        )
    ORDER BY job.id
    LIMIT 500
    FOR UPDATE OF job SKIP LOCKED
), judged AS MATERIALIZED (
    SELECT troubled.*,
        troubled.queueing_lock IS NOT NULL AND EXISTS (
            SELECT FROM procrastinate_jobs other
            WHERE other.queueing_lock = troubled.queueing_lock
                AND (other.status = 'todo' OR other.id > troubled.id)
        )
        -- Two with one lock would be refused together: the newest of them goes.
        OR troubled.queueing_lock IS NOT NULL AND troubled.id < max(troubled.id) OVER (
            PARTITION BY troubled.queueing_lock
        ) AS needless,
        troubled.attempts + 1 >= %(tries)s AND NOT troubled.failed AS spent
    FROM troubled
), dropped AS (
    UPDATE procrastinate_jobs job
    SET status = 'aborted', attempts = job.attempts + 1
    FROM judged
    WHERE job.id = judged.id AND judged.needless
    RETURNING job.id
), buried AS (
    UPDATE procrastinate_jobs job
    SET status = 'failed', attempts = job.attempts + 1
    FROM judged
    WHERE job.id = judged.id AND judged.spent AND NOT judged.needless
    RETURNING job.id
), again AS (
    UPDATE procrastinate_jobs job
    SET status = 'todo', scheduled_at = now(), worker_id = NULL,
        -- A failure was counted when it happened; that a worker died is counted here.
        attempts = job.attempts + CASE WHEN judged.failed THEN 0 ELSE 1 END
    FROM judged
    WHERE job.id = judged.id AND NOT judged.spent AND NOT judged.needless
    RETURNING job.id
)
SELECT (SELECT count(*) FROM again), (SELECT count(*) FROM buried)
