"""Packs and single files for messengers: what goes into a zip, under which names, and what is checked."""
