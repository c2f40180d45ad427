-- Pairs of entries of one survey that may be about one thing: of one unit; called the same at one
-- address; or called the same within some ten metres, unless at two addresses. Nobody is told twice
-- of a pair that somebody found to be two. What is there once is set aside before pairs are made:
-- of many thousand entries that is nearly all, and what the server expects of them does not matter.
WITH mine AS (
    SELECT id, lower(name) AS name, address_id, enterprise_id, lon, lat
    FROM survey_entry
    WHERE survey_id = %(survey)s AND valid_until IS NULL AND area_code LIKE %(area)s
), keyed AS (
    SELECT id, address_id, 'unit' AS why, enterprise_id::text AS key
    FROM mine WHERE enterprise_id IS NOT NULL
    UNION ALL
    SELECT id, address_id, 'address', address_id::text || ' ' || name
    FROM mine WHERE address_id IS NOT NULL
    UNION ALL
    SELECT id, address_id, 'spot',
           round(lon::numeric, 4)::text || ' ' || round(lat::numeric, 4)::text || ' ' || name
    FROM mine WHERE lon IS NOT NULL
), several AS MATERIALIZED (
    SELECT id, address_id, why, key
    FROM (SELECT *, count(*) OVER (PARTITION BY why, key) AS n FROM keyed) AS counted
    WHERE n > 1
    ORDER BY why, key
    LIMIT 2000
)
SELECT a.id, b.id, min(a.why)
FROM several AS a
JOIN several AS b ON b.why = a.why AND b.key = a.key AND b.id > a.id
WHERE (a.why <> 'spot' OR a.address_id = b.address_id
       OR a.address_id IS NULL OR b.address_id IS NULL)
  AND NOT EXISTS (SELECT FROM register_apart AS x
                  WHERE x.register = 'entry' AND x.one = a.id AND x.other = b.id)
GROUP BY a.id, b.id
ORDER BY a.id, b.id
LIMIT %(most)s
