"""呼应 huying: whoever calls gets an answer.

A dispatch platform for grid-based local governance: a matter seen on the street is reported,
accepted, dispatched to the right unit, handled, checked by someone else, closed and assessed.
"""

__version__ = "0.1.0"
