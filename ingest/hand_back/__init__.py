"""What failed goes back in the form in which it came, and what is mended comes in again."""
