"""How the local Stripe bills: subscriptions, prorations, invoices, payments, as time goes on."""
