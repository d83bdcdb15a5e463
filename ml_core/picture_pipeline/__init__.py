"""Picture templates: a drawn picture that persons' faces are put into."""
