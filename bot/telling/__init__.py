"""What people are told, as plain values: phrases, tables and charts, and how money, shares and reasons are worded."""
