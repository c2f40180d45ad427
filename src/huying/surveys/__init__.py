"""专项任务 and 自定义台账: registers and surveys with questions of their own, filled in outside."""
