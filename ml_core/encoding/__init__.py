"""Files that messengers accept: encoders, byte fitting, independent verification, reading, marks."""
