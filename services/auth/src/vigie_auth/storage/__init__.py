"""All SQL of auth, by subject: whole literal statements, one function per question, answering with domain values."""
