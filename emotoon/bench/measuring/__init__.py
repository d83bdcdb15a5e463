"""What the benchmarks measure with: fresh processes, stages, re-detected faces. No benchmarks themselves."""
