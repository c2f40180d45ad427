"""The case, its flow table, and the verbs that move it."""
