"""What a person reads in a terminal: words in two languages, amounts in their locale, tables, progress."""
