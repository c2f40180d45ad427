"""任务下达: what a town or district asks of chosen grids, done with evidence, and who is late."""
