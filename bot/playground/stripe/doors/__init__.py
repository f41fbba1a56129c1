"""The doors of the local Stripe: addresses, lists, keys, faults, webhooks."""
