"""People who need a visit: who they are, how often somebody comes, what follows if nobody does."""
