"""What a film takes before it is made: calls, tokens, dollars, GPU seconds; and the bound on them."""
