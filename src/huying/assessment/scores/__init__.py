"""Scores: sheets as data, points with their reasons, both sides' ratings, vetoes, closed months."""
