"""What every room stands on: environment, storage, identifiers, errors."""
