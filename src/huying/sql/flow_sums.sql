, stays AS (
    SELECT case_id, target AS state, at AS came, lead(at) OVER (PARTITION BY case_id ORDER BY seq) AS gone
    FROM steps WHERE source <> target
),
times AS (
    SELECT state, CASE WHEN gone IS NOT NULL THEN greatest(gone - came, interval '0') END AS waited,
           CASE WHEN gone IS NULL THEN
               CASE WHEN state = ANY(%(open)s) THEN greatest(%(now)s - came, interval '0') ELSE interval '0' END
           END AS so_far
    FROM stays
),
ways AS (
    SELECT source, target, verb, count(*) AS n, array_agg(took ORDER BY took) AS took
    FROM steps GROUP BY 1, 2, 3
),
states AS (
    SELECT state, count(waited) AS n, count(so_far) AS still,
           array_agg(waited ORDER BY waited) FILTER (WHERE waited IS NOT NULL) AS waited,
           coalesce(sum(waited), interval '0') + coalesce(sum(so_far), interval '0') AS total
    FROM times GROUP BY 1
)
-- Half of them and nine of ten took at most so long: the middle ones themselves, nothing in between.
SELECT 'way', source, target, verb, n, 0, took[(n * 50 + 99) / 100], took[(n * 90 + 99) / 100], NULL FROM ways
UNION ALL
SELECT 'state', state, '', '', n, still, waited[(n * 50 + 99) / 100], waited[(n * 90 + 99) / 100], total
FROM states
UNION ALL
SELECT 'cases', '', '', '', count(DISTINCT case_id), 0, NULL, NULL, NULL FROM steps
