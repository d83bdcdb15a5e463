"""Each view parses, calls one service, renders."""
