"""Black-box cases that anyone can read and add to."""
