"""举措 and 考核评比清单: what the district has set out to do, and which evaluations it allows."""
