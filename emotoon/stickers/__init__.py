"""Portraits and the stickers made of them."""
