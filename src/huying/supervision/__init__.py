"""督办: the ladder that the clock climbs, formal supervision, leaders' instructions, meetings."""
