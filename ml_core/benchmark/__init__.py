"""Speed of the networks on one device, beside what the device could do at best. Random weights."""
