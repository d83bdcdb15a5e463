"""Talking-head templates: what a sentence can become."""
