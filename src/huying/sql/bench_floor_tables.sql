-- The floor's tables. `floor_…` are made as `case`, `case_event` and `procrastinate_jobs` are: the
-- same columns, defaults, checks and indexes, so that three inserts into them are three such
-- inserts; still without foreign keys, partitions and triggers. `bare_…` have the columns and a
-- primary key and nothing else: nobody's intake can do with less.
CREATE TABLE floor_case (LIKE "case" INCLUDING ALL);
CREATE TABLE floor_event (LIKE case_event INCLUDING ALL);
CREATE TABLE floor_job (LIKE procrastinate_jobs INCLUDING ALL);
CREATE TABLE bare_case (LIKE "case" INCLUDING DEFAULTS);
ALTER TABLE bare_case ADD PRIMARY KEY (id);
CREATE TABLE bare_event (LIKE case_event INCLUDING DEFAULTS);
ALTER TABLE bare_event ADD PRIMARY KEY (case_id, seq, written_at);
CREATE TABLE bare_job (LIKE procrastinate_jobs INCLUDING DEFAULTS);
ALTER TABLE bare_job ADD PRIMARY KEY (id);
CREATE SEQUENCE floor_serial;
