"""通报: what a town or the district is told each week and month, as page, PDF and Excel."""
