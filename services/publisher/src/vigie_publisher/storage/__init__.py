"""All SQL of the publisher, by subject. Every function works inside a transaction that is bound to the client it is
asked for."""
