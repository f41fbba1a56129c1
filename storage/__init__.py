"""What Kahvi keeps: plain values, tables, an engine, and one module of query functions per subject."""
