-- Takes an idempotency key that nobody has used; no row where somebody has. Of two at once the second
-- waits at the unique index until the first has committed.
INSERT INTO idempotency_key (caller, verb, key, body_digest, created_at)
VALUES (%(caller)s, %(verb)s, %(key)s, %(digest)s, %(now)s)
ON CONFLICT DO NOTHING
RETURNING id
