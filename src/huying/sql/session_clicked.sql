-- Keeps a session that is still there, and notes the click in its browser. The browser first, as in
-- ending one (people.browsers), so that neither waits for the other.
WITH noted AS (
    INSERT INTO browser (account_id, session_key, address, user_agent, began_at, seen_at)
    SELECT %(account)s::bigint, session_key, %(address)s::inet, %(device)s::text,
           %(at)s::timestamptz, %(at)s::timestamptz
    FROM django_session WHERE session_key = %(key)s
    ON CONFLICT (session_key) DO UPDATE SET
        account_id = excluded.account_id, address = excluded.address,
        user_agent = excluded.user_agent, seen_at = excluded.seen_at
    RETURNING session_key
)
UPDATE django_session session SET session_data = %(data)s, expire_date = %(expires)s
FROM noted WHERE session.session_key = noted.session_key
RETURNING true
