"""The second machine: it keeps the record to within a second, and opens the office when the first one dies."""
