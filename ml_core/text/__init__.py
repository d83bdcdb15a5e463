"""Sentences: normalisation, encoder, search, evaluation, moderation. numpy only on the default path."""
