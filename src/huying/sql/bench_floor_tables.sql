-- The floor's three tables: the columns, types and NOT NULLs of `case`, `case_event` and
-- `procrastinate_jobs`, a primary key each, and nothing else: no other index, no check, no
-- foreign key, no partition, no trigger. Nobody's intake can do with less.
CREATE TABLE floor_case (LIKE "case" INCLUDING DEFAULTS);
ALTER TABLE floor_case ADD PRIMARY KEY (id);
CREATE TABLE floor_event (LIKE case_event INCLUDING DEFAULTS);
ALTER TABLE floor_event ADD PRIMARY KEY (case_id, seq, written_at);
CREATE TABLE floor_job (LIKE procrastinate_jobs INCLUDING DEFAULTS);
ALTER TABLE floor_job ADD PRIMARY KEY (id);
CREATE SEQUENCE floor_serial;
