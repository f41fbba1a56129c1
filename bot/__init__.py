"""Kahvi: from billing facts to trusted figures, and from figures to one calm message in Slack."""
