"""What the publisher answers over HTTP, by subject."""
