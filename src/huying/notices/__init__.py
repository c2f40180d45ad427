"""通知: what a person is told, in the inbox and over outside channels."""
