"""What the service costs and gains under load, beside no batching, LitServe, and no service at all."""
