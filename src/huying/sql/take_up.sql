-- Makes photos part of a case: of these those that were staged by who takes them up, and that nothing
-- else has taken up meanwhile.
UPDATE attachment SET case_id = %(case)s, district_code = %(district)s, seq = %(seq)s
WHERE id = ANY(%(photos)s::uuid[]) AND case_id IS NULL AND NOT held
    AND uploader_kind = %(kind)s AND uploader_id IS NOT DISTINCT FROM %(uploader)s::bigint
RETURNING id
