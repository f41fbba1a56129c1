"""What is counted while Kahvi runs, for Prometheus; labels hold our own words only, never a name or an id."""

from prometheus_client import CollectorRegistry, Counter, Histogram

REGISTRY = CollectorRegistry()

POSTS = Counter("kahvi_posts", "Tries to send a message, by what came of them.", ["result"], registry=REGISTRY)
STRIPE_REQUESTS = Counter(
    "kahvi_stripe_requests", "Answers of Stripe by HTTP status; 0 for none.", ["code"], registry=REGISTRY
)
HANDLER_SECONDS = Histogram(
    "kahvi_handler_seconds",
    "From noting what a person asked to the end of the work for it.",
    ["handler"],
    buckets=(0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30),
    registry=REGISTRY,
)
