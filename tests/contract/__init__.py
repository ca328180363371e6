"""What others rely on and must not change: the bytes of messages."""
