"""What Kahvi is told beside billing: answers and counts of use, what was spent, what is planned.

It comes as files (`reading`, `refresh`) or by `kahvi record` (`recording`), and is checked by the same rules.
"""
