"""The words of the gateway: finished answers and announcements. No input or output."""
