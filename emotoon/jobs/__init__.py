"""Work that outlives a request: claimed under a lease, finished exactly once, or failed with a reason."""
