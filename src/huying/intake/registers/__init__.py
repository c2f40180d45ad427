"""Tables for the base registers: looked over against what is there, taken in, taken back."""
