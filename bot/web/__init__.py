"""What is answered over HTTP, where it is wanted: health, Stripe's webhooks, Slack's requests.

Everything that arrives here is hostile until its signature is checked: nothing of it is logged, and nothing
malformed is answered with 500 or more.
"""
