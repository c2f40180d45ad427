"""联席共建: what a community's member organisations share, book, resolve and do together."""
