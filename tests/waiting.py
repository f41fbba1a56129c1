"""How long a test waits for what comes of itself."""

HANGS = 300.0  # seconds; what has not come by then never comes, on the busiest machine too
