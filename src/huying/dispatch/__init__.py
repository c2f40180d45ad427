"""Who should handle a case: routing, orders, returns, duplicates."""
