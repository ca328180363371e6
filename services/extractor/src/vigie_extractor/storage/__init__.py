"""All SQL of the extractor, by subject: whole statements, one function per question, answering with domain values.

Every function takes a connection in a transaction that is bound to a client; those of `work` that look for work
whoever it is for say so.
"""
