"""What a person does at the page, and what it becomes for the app."""
