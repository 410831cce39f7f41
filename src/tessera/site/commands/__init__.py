"""One small module a command: `add_arguments(parser)` and `run(options) -> int`."""
