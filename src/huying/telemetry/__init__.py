"""What the people who run an installation see of it: figures, log lines, traces. Nobody's data.

No package below knows of this one but for one thing: `present`, by which a job learns of which
request it comes.
"""
