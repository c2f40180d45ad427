-- Chinese words are mostly of two characters, and trigrams need three: cases are found by the
-- pairs of characters that stand side by side in their words, without looking at capitals.
CREATE FUNCTION bigrams(words text) RETURNS text[]
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    letters CONSTANT text[] := string_to_array(lower(words), NULL);
BEGIN
    RETURN ARRAY(
        SELECT pair.a || pair.b
        FROM unnest(letters[:cardinality(letters) - 1], letters[2:]) AS pair (a, b)
    );
END
$$;

CREATE INDEX case_text_bigrams ON case_text USING gin (bigrams(body)) WHERE kind = 'description';
CREATE INDEX case_address_bigrams ON case_address_words USING gin (bigrams(words));

-- The last digits of a number, which people read out to each other.
CREATE INDEX case_by_last_digits ON "case" (reverse(number) text_pattern_ops);
