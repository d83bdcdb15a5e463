"""Packs: ordered stickers that travel together."""
