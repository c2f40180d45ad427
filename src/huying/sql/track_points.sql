-- Keeps the points that lie within the account's own duty, each moment once; all in one statement,
-- so that nothing of what lies outside is ever written.
INSERT INTO track_point (account_id, at, span_id, lon, lat, accuracy_m)
SELECT span.account_id, point.at, span.id, point.lon, point.lat, point.accuracy
FROM (
    SELECT (told ->> 0)::timestamptz AS at, (told ->> 1)::float8 AS lon,
           (told ->> 2)::float8 AS lat, (told ->> 3)::float8 AS accuracy
    FROM jsonb_array_elements(%(points)s::jsonb) AS told
) AS point
JOIN duty_span span
  ON span.account_id = %(account)s
 AND point.at >= span.began_at
 AND point.at <= coalesce(span.ended_at, span.ends_by)
WHERE point.at BETWEEN %(first)s AND %(last)s
ON CONFLICT DO NOTHING
RETURNING 1
