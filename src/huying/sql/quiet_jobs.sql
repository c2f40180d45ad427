-- A NOTIFY in a transaction queues the commits of all who notify behind one lock. Jobs are
-- deferred inside the verbs' transactions; workers poll instead.
ALTER TABLE procrastinate_jobs DISABLE TRIGGER procrastinate_jobs_notify_queue_job_inserted_v1;
ALTER TABLE procrastinate_jobs DISABLE TRIGGER procrastinate_jobs_notify_queue_job_aborted_v1;
