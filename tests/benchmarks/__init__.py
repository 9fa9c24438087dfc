"""How fast the proxy is beside a bare one: ``python -m tests.benchmarks`` (docs/performance.md)."""
