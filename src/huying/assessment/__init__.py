"""What is counted: the courses of cases from their events, indicators, scores."""
