"""Training of the Korean sentence encoder and of the moderation classifier shipped in ml_core.text."""
