"""People: who they are, what they may use, what they agreed to."""
