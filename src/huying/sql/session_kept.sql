-- Keeps a session that is still there.
UPDATE django_session SET session_data = %(data)s, expire_date = %(expires)s
WHERE session_key = %(key)s
RETURNING true
