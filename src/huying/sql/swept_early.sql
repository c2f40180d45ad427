-- PostgreSQL sweeps a table when a fifth of its rows are dead. Of a million cases that is 200,000:
-- at thirty steps a second two hours in which each index leads to rows that nobody may see, and then
-- a long sweep. Here it begins at a number that some minutes of a district's traffic make, and is
-- short. Statistics follow as early where plans for queues hang on them.

-- Each job is written, taken and done: three rows of which one stays until the night.
ALTER TABLE procrastinate_jobs SET (
    autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000,
    autovacuum_analyze_scale_factor = 0, autovacuum_analyze_threshold = 10000,
    autovacuum_vacuum_cost_delay = 0
);
ALTER TABLE procrastinate_periodic_defers SET (
    autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000
);

-- Sessions and browsers change as people go from page to page.
ALTER TABLE django_session SET (
    autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000
);
ALTER TABLE browser SET (
    autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000
);

-- Each key is taken, then given its answer, and forgotten after its days.
ALTER TABLE idempotency_key SET (
    autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 10000,
    autovacuum_vacuum_cost_delay = 0
);

-- Each step writes the case's row anew, and some its order's. These have many indexes, all of which
-- a sweep reads: so by a share here, and a small one.
ALTER TABLE "case" SET (
    autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 5000,
    autovacuum_analyze_scale_factor = 0.02
);
ALTER TABLE dispatch_order SET (
    autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 5000,
    autovacuum_analyze_scale_factor = 0.02
);
ALTER TABLE attachment SET (
    autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 10000
);
ALTER TABLE notice SET (
    autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 10000
);
ALTER TABLE outgoing SET (
    autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 10000
);

-- The sums follow every event.
ALTER TABLE open_case SET (
    autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000
);
ALTER TABLE counted_case SET (
    autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 20000
);
ALTER TABLE rolled_tally SET (
    autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000
);
ALTER TABLE rolled_state SET (
    autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000
);
