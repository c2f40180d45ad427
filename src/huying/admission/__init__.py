"""How many requests are worked on at the same time, whose turn is next, and who is told to come
again before there is any use in waiting."""

REFUSED = "huying.refused"
"""Where the environment of a request says that it was refused at the door, and when to come again:
`gate.Full`."""

ANSWERED = "huying.answered"
"""Where the environment of a request holds Django's request, to be emptied when it is answered."""
