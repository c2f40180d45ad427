"""What administrators are told of backups on the front page of the administration."""

from huying.backup.watching import sentences
from huying.people.admin_site import site
from huying.people.powers import Subject

# How long things are kept is the administrators' to change, and so is this.
site.add_notices(Subject.RETENTION, sentences)
