"""Party branches on the grid: members, the households linked to them, who comes to a whistle."""
