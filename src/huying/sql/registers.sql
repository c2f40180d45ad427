-- What the registers are found by: pairs of characters side by side, as cases are (finding.sql).
-- Rooms are found by their building and their number, so that a city's rooms need no words.
CREATE INDEX register_address_bigrams ON register_address USING gin (bigrams(words))
    WHERE level < 8 AND valid_until IS NULL;
CREATE INDEX register_alias_bigrams ON register_alias USING gin (bigrams(words));
CREATE INDEX register_enterprise_bigrams ON register_enterprise USING gin (bigrams(words));
CREATE INDEX register_facility_bigrams ON register_facility USING gin (bigrams(words));
