"""Topics: many reports of one problem at one place, seen and answered as one."""
