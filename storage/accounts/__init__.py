"""Questions about accounts: found by what was typed, told in brief or whole."""
