-- Jobs that wait, by their kind: how many, and when the oldest could have begun. What is scheduled
-- for later does not wait yet. Reads the queue's own partial index; ids rise with time, so that only
-- the first job of each kind is asked when it was put there.
SELECT kind.task_name, kind.waiting,
       extract(epoch FROM now() - greatest(first.scheduled_at, deferred.at))::float8 AS seconds
FROM (
    SELECT task_name, count(*) AS waiting, min(id) AS first_id
    FROM procrastinate_jobs
    WHERE status = 'todo' AND (scheduled_at IS NULL OR scheduled_at <= now())
    GROUP BY task_name
) AS kind
JOIN procrastinate_jobs AS first ON first.id = kind.first_id
LEFT JOIN LATERAL (
    SELECT min(at) AS at FROM procrastinate_events
    WHERE job_id = kind.first_id AND type IN ('deferred', 'deferred_for_retry', 'scheduled')
) AS deferred ON true
