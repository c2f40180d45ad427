"""The doors: one way in, whichever door a report comes by."""
