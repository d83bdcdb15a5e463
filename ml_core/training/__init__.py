"""Training: runs offline, may use every other room; nothing here is imported by the product."""
