"""Voices and lips: text to speech, visemes, and lips from sound."""
