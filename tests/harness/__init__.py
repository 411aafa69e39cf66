"""What the outside tests share: a running server, signed requests, and where things are."""
