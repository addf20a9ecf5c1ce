"""The whole way, file in, mart out."""
