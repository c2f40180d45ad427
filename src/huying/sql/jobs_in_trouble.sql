-- Few jobs run or have failed, among very many that are done: those few are looked for often.
CREATE INDEX job_in_trouble ON procrastinate_jobs (id)
WHERE status = 'doing' OR status = 'failed';
