"""The extraction beside two public connectors, on one sandbox: speed, requests, memory, correctness."""
