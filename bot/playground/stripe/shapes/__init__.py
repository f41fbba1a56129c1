"""The objects of Stripe's API 2026-10-28.endive, as plain dicts with every field that Kahvi or a person reads."""
