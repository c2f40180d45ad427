"""Working calendar, deadlines and lights: pure, `now` is always an argument.

Moments go in and come out as aware datetimes; results are in UTC. Civil days are those of the
calendar's time zone (Asia/Shanghai).
"""
