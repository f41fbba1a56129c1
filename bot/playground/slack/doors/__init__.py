"""The doors of the local Slack: Web API, sockets, the page, controls."""
