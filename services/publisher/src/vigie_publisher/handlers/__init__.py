"""What the publisher does with what it hears and is asked, by subject."""
