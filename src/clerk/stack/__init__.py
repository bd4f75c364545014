"""The servers that clerk starts itself."""
