SELECT case_id, at, coalesce(took, interval '0'), count(*) OVER ()
FROM steps
WHERE source = %(source)s AND target = %(target)s AND verb = %(verb)s
ORDER BY 3 DESC, case_id, seq
LIMIT %(limit)s
