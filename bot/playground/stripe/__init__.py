"""A local Stripe: the shape of its objects, how it bills, and a server that speaks its wire format."""
