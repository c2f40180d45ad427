"""巡查: plans of places to be visited, visits on the spot, tracks on duty, and what was covered."""
